"""Departments that many hospitals have, offered to be ticked."""

from django.utils.translation import gettext_lazy as _

DEPARTMENTS = {
    "general": (_("General medicine"), _("Fever, infections, check-ups, and where to begin when you do not know.")),
    "children": (_("Paediatrics"), _("Babies, children and young people: illness, growth and vaccinations.")),
    "women": (_("Gynaecology"), _("Women's health, pregnancy and prevention.")),
    "heart": (_("Cardiology"), _("Heart, blood pressure and circulation.")),
    "bones": (_("Orthopaedics"), _("Bones, joints, back and injuries.")),
    "skin": (_("Dermatology"), _("Skin, hair and nails.")),
    "eyes": (_("Ophthalmology"), _("Eyes and sight.")),
    "ears": (_("Ear, nose and throat"), _("Hearing, balance, nose, throat and voice.")),
    "teeth": (_("Dentistry"), _("Teeth and gums.")),
    "nerves": (_("Neurology"), _("Headache, dizziness, brain and nerves.")),
    "mind": (_("Psychiatry"), _("Low mood, fear, sleep and addiction.")),
    "therapy": (_("Physiotherapy"), _("Movement, strength and pain, after injuries and operations.")),
}
