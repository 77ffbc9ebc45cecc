"""The conformance kit: what a model has to keep to, as tests that its author runs with pytest.

One class is all that it takes::

    from luvcolor.testing import ModelConformance


    class TestMyTint(ModelConformance):
        model = "mytint"
"""

from luvcolor.testing.conformance import ModelConformance

__all__ = ["ModelConformance"]
