"""What `luvcolor.training` is made of: options, schedules, what is written while a model learns."""
