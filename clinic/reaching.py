"""Where a person's telephone number stands, for messages by SMS."""

from clinic.models import Doctor, Patient


def phone_of(user, patient_id):
    """A person's number as +…, "" for none: of the account's patient or doctor, else of the patient without account."""
    if user is not None:
        numbers = Patient.objects.standing().filter(user=user), Doctor.objects.filter(user=user)
    else:
        numbers = (Patient.objects.standing().filter(pk=patient_id),)
    found = (rows.exclude(phone="").values_list("phone", flat=True).first() for rows in numbers)
    return next((phone.as_e164 for phone in found if phone), "")
