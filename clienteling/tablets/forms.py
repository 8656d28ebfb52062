"""What is typed at the lock and by whoever enrols a tablet, made into clean values."""

from typing import Any

from django import forms

from clienteling.models import Store, User

SAME_TWICE = "The two are not the same. Type your PIN twice."


class OpenForm(forms.Form):
    """A face and four digits; `back` is where the tablet was when it locked."""

    who = forms.IntegerField(min_value=1)
    pin = forms.CharField(max_length=12)
    back = forms.CharField(max_length=600, required=False)


class ChoosePinForm(forms.Form):
    """A new PIN, typed twice."""

    pin = forms.CharField(max_length=12, error_messages={"required": "A PIN has four digits."})
    again = forms.CharField(max_length=12, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("pin") and values["pin"] != values.get("again"):
            raise forms.ValidationError(SAME_TWICE)
        return values

    @property
    def fault(self) -> str:
        """The first thing that is wrong; blank when nothing is."""
        return str(next(iter(self.errors.values()), [""])[0])


class EnrolForm(forms.Form):
    """Which store this tablet stands in, and what it is called there."""

    store = forms.ModelChoiceField(Store.objects.none())
    name = forms.CharField(max_length=60)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["store"]
        field.queryset = Store.objects.visible_to(user)
