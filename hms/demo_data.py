"""The people and cases of the demo hospital. All made up; telephone numbers are of the range kept for films."""

from datetime import date, time

from accounts.models import Role

HOSPITAL = {
    "name": "Meadowbrook Hospital",
    "address": "1 Meadow Lane\nMeadowbrook",
    "phone": "+442079460100",
    "email": "welcome@example.org",
}

# One sign-in per role.
SIGN_INS = {
    Role.PATIENT: ("patient@example.org", "Maya Lindqvist"),
    Role.DOCTOR: ("doctor@example.org", "Dr. Amara Okafor"),
    Role.RECEPTION: ("reception@example.org", "Jonas Weber"),
    Role.ADMIN: ("admin@example.org", "Helena Brandt"),
}

DEPARTMENTS = {
    "General Medicine": "Check-ups, infections, blood pressure, diabetes, and everything you are not sure about.",
    "Cardiology": "Heart and circulation: chest pain, irregular heartbeat, high blood pressure that stays high.",
    "Paediatrics": "Babies, children and young people up to 16: illness, vaccination, growth.",
    "Dermatology": "Skin, hair and nails: rashes, acne, moles, allergies of the skin.",
    "Orthopaedics": "Bones, joints and muscles: injuries, back pain, knees, hips and shoulders.",
    "Women's Health": "Gynaecology and pregnancy: check-ups, complaints, prenatal care.",
}

# where, when (in words), mark
PLACES = {
    "General Medicine": ("Main building, ground floor", "Every day 8:00 to 19:00", "green"),
    "Cardiology": ("Main building, second floor", "Mon to Fri 8:00 to 20:00", "red"),
    "Paediatrics": ("Garden house, entrance C", "Mon to Sat 8:00 to 17:00", "orange"),
    "Dermatology": ("Main building, first floor", "Mon to Fri 9:00 to 17:00", "sky"),
    "Orthopaedics": ("East wing, ground floor", "Mon to Sat 9:00 to 20:00", "blue"),
    "Women's Health": ("East wing, first floor", "Mon to Fri 8:00 to 20:00", "purple"),
}

EVERY_DAY, WORKING_WEEK = (0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 4)
ALL_DAY = [(time(8), time(12, 30)), (time(13, 30), time(19))]
OFFICE = [(time(9), time(12)), (time(13), time(17))]
MORNING, LATE = [(time(8), time(13))], [(time(12), time(20))]

# name, department, specialization, qualification, years, fee, gender, languages, weekdays, blocks, minutes, about
DOCTORS = [
    ("Dr. Amara Okafor", "General Medicine", "Family doctor", "MBBS, MRCGP", 14, "60.00", "female",
     "English, Igbo, French", EVERY_DAY, ALL_DAY, 30,
     "I have looked after families for fourteen years. Bring your questions on paper: we will go through all of them."),
    ("Dr. Tomás Herrera", "General Medicine", "Internist", "MD, PhD", 22, "70.00", "male",
     "Spanish, English, Portuguese", WORKING_WEEK, OFFICE, 20,
     "Diabetes, blood pressure and what comes with them. I like plans that people can keep."),
    ("Dr. Ingrid Sørensen", "Cardiology", "Cardiologist", "MD, FESC", 18, "120.00", "female",
     "Danish, English, German", WORKING_WEEK, MORNING, 30,
     "Rhythm disorders and prevention. An ECG is part of the first visit."),
    ("Dr. Rajesh Iyer", "Cardiology", "Interventional cardiologist", "MBBS, MD, DM", 25, "140.00", "male",
     "English, Hindi, Tamil", (0, 2, 4), LATE, 30,
     "Second opinions before heart procedures, and care after them."),
    ("Dr. Chloé Martin", "Paediatrics", "Paediatrician", "MD", 9, "65.00", "female", "French, English",
     WORKING_WEEK, OFFICE, 20, "Children tell me more while they draw. There is paper and there are pencils."),
    ("Dr. Daniel Mensah", "Paediatrics", "Paediatrician", "MBChB, FRCPCH", 16, "65.00", "male", "English, Twi",
     (1, 3, 5), MORNING, 20, "Asthma and allergies in children; vaccination advice."),
    ("Dr. Li Na Zhang", "Dermatology", "Dermatologist", "MD", 11, "85.00", "female", "Mandarin, English",
     WORKING_WEEK, OFFICE, 15, "Skin checks, eczema and acne. Photographs of a rash on its worst day help."),
    ("Dr. Viktor Novák", "Orthopaedics", "Orthopaedic surgeon", "MUDr.", 20, "95.00", "male",
     "Czech, German, English", (0, 1, 3, 4), OFFICE, 30, "Knees and shoulders, with surgery as the last resort."),
    ("Dr. Fatima Al-Sayed", "Orthopaedics", "Sports physician", "MBBCh", 7, "80.00", "female", "Arabic, English",
     (2, 4), LATE, 30, "Back to sport after an injury, at any age."),
    ("Dr. Sunita Rao", "Women's Health", "Gynaecologist", "MBBS, MS", 19, "90.00", "female",
     "English, Kannada, Hindi", WORKING_WEEK, OFFICE, 30, "From the first visit to well after the last child."),
]  # fmt: skip

# name, born, gender, blood group. Maya Lindqvist is the one who signs in; the last five are children.
PATIENTS = [
    ("Maya Lindqvist", date(1988, 4, 12), "female", "A+"),
    ("Oliver Bennett", date(1957, 9, 30), "male", "O+"),
    ("आशा शर्मा", date(1979, 1, 22), "female", "B+"),
    ("Nguyễn Thị Minh Khai", date(1993, 7, 8), "female", "O+"),
    ("محمد الأحمد", date(1966, 11, 3), "male", "A-"),
    ("Siobhán O’Connor", date(1984, 2, 17), "female", ""),
    ("Kwame Asante", date(1971, 6, 25), "male", "O-"),
    ("Giulia Ferrari", date(1999, 12, 5), "female", "AB+"),
    ("Henrik Johansson", date(1946, 3, 14), "male", "A+"),
    ("Ayşe Yılmaz", date(1990, 8, 19), "female", ""),
    ("Pedro Gonçalves da Silva e Albuquerque", date(1975, 5, 1), "male", "B-"),
    ("Emily Clarke", date(2001, 10, 10), "female", "A+"),
    ("Sukarno", date(1962, 4, 4), "male", "O+"),
    ("Zofia Kowalska", date(1953, 1, 9), "female", "AB-"),
    ("Dmytro Shevchenko", date(1987, 7, 27), "male", "B+"),
    ("Hannah Goldberg", date(1969, 9, 16), "female", "A+"),
    ("山田 太郎", date(1981, 11, 11), "male", "AB+"),
    ("Marie-Claire Dubois", date(1995, 2, 2), "female", "O+"),
    ("Tariq Hussain", date(1978, 6, 6), "male", ""),
    ("Ruth Nakamura", date(1949, 12, 24), "female", "A-"),
    ("Leo Bennett", date(2016, 5, 20), "male", ""),
    ("Nia Asante", date(2019, 8, 3), "female", "O+"),
    ("Finn O’Connor", date(2022, 1, 15), "male", ""),
    ("Aarav Sharma", date(2013, 10, 29), "male", "B+"),
    ("Elif Yılmaz", date(2018, 3, 8), "female", ""),
]
CHILDREN = 5

REASONS = ["Check-up", "Pain since last week", "Results of my blood test", "New prescription", "Second opinion", ""]

# What a visit found, by department: complaint, notes, (code, words), [(medicine, dose, frequency, duration, advice)].
CASES = {
    "General Medicine": [
        ("Cough and a cold for five days", "Lungs clear, no fever. Rest and fluids.",
         ("J06.9", "Acute upper respiratory infection"),
         [("Paracetamol", "500 mg", "three times a day", "5 days", "With water, at most 8 tablets a day")]),
        ("Blood pressure too high at home", "Three readings above 150/95. Salt, exercise and sleep discussed.",
         ("I10", "Essential (primary) hypertension"),
         [("Ramipril", "5 mg", "once a day", "30 days", "In the morning")]),
        ("Check of blood sugar", "HbA1c 7.1 %. Feet without findings.",
         ("E11.9", "Type 2 diabetes mellitus without complications"),
         [("Metformin", "850 mg", "twice a day", "90 days", "With a meal")]),
        ("Headache after long days at the screen", "Neurologically without findings. Breaks, light, eye test.",
         ("R51", "Headache"), []),
    ],
    "Cardiology": [
        ("Heart stumbles in the evening", "ECG: sinus rhythm. Long-term ECG arranged.",
         ("I49.9", "Cardiac arrhythmia, unspecified"), []),
        ("Tightness in the chest when climbing stairs", "Stress test without signs of ischaemia.",
         ("I20.9", "Angina pectoris, unspecified"),
         [("Acetylsalicylic acid", "100 mg", "once a day", "90 days", "After breakfast")]),
    ],
    "Paediatrics": [
        ("Earache and fever", "Left eardrum red. Comes back if the fever lasts.",
         ("H66.9", "Otitis media, unspecified"),
         [("Ibuprofen syrup", "5 ml", "three times a day", "3 days", "After a meal")]),
        ("Wheezing after running", "Peak flow 85 %. Inhaler technique shown.", ("J45.9", "Asthma, unspecified"),
         [("Salbutamol inhaler", "2 puffs", "when needed", "90 days", "Shake before use")]),
        ("Vaccination", "Well tolerated.", ("Z27.8", "Immunization"), []),
    ],
    "Dermatology": [
        ("Itching in the elbows", "Dry, inflamed skin on both sides.", ("L20.9", "Atopic dermatitis, unspecified"),
         [("Hydrocortisone cream 1 %", "thin layer", "twice a day", "7 days", "Not on the face")]),
        ("Pimples on face and back", "Moderate. Cleansing discussed.", ("L70.0", "Acne vulgaris"),
         [("Benzoyl peroxide gel 5 %", "thin layer", "once a day", "60 days", "Bleaches towels")]),
    ],
    "Orthopaedics": [
        ("Ankle twisted at football", "Swelling, stable. No fracture in the X-ray.",
         ("S93.4", "Sprain and strain of ankle"),
         [("Diclofenac gel", "4 g", "three times a day", "7 days", "Not on open skin")]),
        ("Lower back hurts after lifting", "No loss of strength or feeling. Stay in motion.",
         ("M54.5", "Low back pain"), [("Ibuprofen", "400 mg", "three times a day", "5 days", "With a meal")]),
    ],
    "Women's Health": [
        ("Painful periods", "Ultrasound without findings.", ("N94.6", "Dysmenorrhoea, unspecified"),
         [("Naproxen", "250 mg", "twice a day", "3 days", "Begin on the first day")]),
        ("Yearly check-up", "Nothing to report. Smear taken.", ("Z01.4", "Gynaecological examination"), []),
    ],
}  # fmt: skip

MAIN_PATIENT = {
    "address": "12 Orchard Road\nMeadowbrook",
    "emergency_name": "Erik Lindqvist",
    "emergency_phone": "+442079460299",
}
CHILD = {"name": "Ella Lindqvist", "birth_date": date(2017, 6, 11), "gender": "female"}
HISTORY = {
    "illnesses": "Asthma as a child, none since. Migraine two or three times a year.",
    "operations": "Appendix removed in 2004.",
    "medicines": "None regularly. Ibuprofen for migraine.",
    "family": "Mother: high blood pressure. Grandfather: type 2 diabetes.",
    "habits": "Never smoked, a glass of wine at the weekend, runs twice a week.",
    "other": "Faints easily when blood is taken.",
}
