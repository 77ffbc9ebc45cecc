from luvcolor.testing import ModelConformance


class TestMyModel(ModelConformance):
    model = "my-model"
