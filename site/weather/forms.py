"""Choosing a day, and correcting what was observed on it."""

from datetime import date

from django import forms

from weather.models import Observation


class DayForm(forms.Form):
    """Choose one of a station's days."""

    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: object, first: date, last: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.last = first, last
        self.fields["day"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if self.first <= day <= self.last:
            return day
        raise forms.ValidationError(
            f"This station has days from {self.first:%-d %B %Y} to {self.last:%-d %B %Y}: choose one of them."
        )


class ObservationForm(forms.ModelForm):
    """Correct what was observed on one day."""

    class Meta:
        model = Observation
        fields = ("temp_max", "temp_min", "precipitation", "wind", "weather")
        labels = {
            "temp_max": "Highest (°C)",
            "temp_min": "Lowest (°C)",
            "precipitation": "Rain, snow (mm)",
            "wind": "Wind (m/s)",
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.FloatField):
                # "any" would let the arrow keys step by whole degrees from 12.8.
                field.widget.attrs |= {"step": "0.1", "inputmode": "decimal"}
