"""How other systems call what we know: English, German, Spanish, French, Italian; as targets.squeezed gives them."""

WORDS = {
    "title": "title prefix salutation titel anrede titulo titre",
    "first_name": "first firstname givenname given forename vorname rufname prenom nombre nombres nome",
    "last_name": """
        last lastname familyname family surname nachname familienname nomdefamille apellido apellidos
        cognome
    """,
    "gender": "gender sex geschlecht sexe sexo genero sesso",
    "phone": """
        phone phonenumber telephone telephonenumber tel mobile mobilephone cell cellphone contact
        contactnumber telefon telefonnummer handy mobil telefono movil
    """,
    "birth_date": """
        birthdate dateofbirth dob birthday born geburtsdatum gebdatum geboren geburtstag datedenaissance
        naissance fechadenacimiento fechanacimiento nacimiento datadinascita
    """,
    "email": "email emailaddress mail mailaddress emailadresse correo correoelectronico courriel",
    "address": """
        address street streetaddress address1 addressline1 adresse anschrift strasse direccion domicilio rue
        indirizzo
    """,
    "postcode": "zip zipcode postcode postalcode plz postleitzahl codigopostal codepostal cap",
    "city": "city town place ort stadt wohnort ciudad ville citta",
    "region": "state province region bundesland estado provincia",
    "blood_group": "bloodgroup bloodtype blutgruppe gruposanguineo groupesanguin",
    "emergency_name": "emergencycontact emergencyname nextofkin notfallkontakt contactodeemergencia",
    "emergency_phone": "emergencycontactsphone emergencyphone emergencycontactphone notfallnummer telefonodeemergencia",
    "died_on": "diedon deathdate dateofdeath died deceased sterbedatum gestorben datededeces fechadefallecimiento",
    "department": "department ward clinic unit abteilung station fachabteilung departamento servicio service reparto",
    "specialization": """
        specialization specialisation specialty speciality fachrichtung facharzt fachgebiet especialidad
        specialite specializzazione
    """,
    "qualification": "qualification qualifications degree degrees credentials qualifikation titulacion diplome",
    "experience_years": "yearsofexperience experience experienceyears years berufserfahrung anosdeexperiencia",
    "fee": "fee consultationfee price charge honorar gebuhr tarifa honoraires",
    "languages": "language languages sprache sprachen idioma idiomas langues",
    "about": "about biography bio profile description beschreibung profil",
    "accepting_patients": "acceptingpatients accepting acceptsnewpatients",
    "former": """
        id nr no num number numero externalid externalnumber importref ref reference mrn pid uuid patientid
        patientnumber patientno patientennummer patnr recordnumber medicalrecordnumber chartnumber doctorid
        providerid staffid
        personalnummer npi numerodedossier
    """,
    "name": "name fullname displayname vollername nom nombrecompleto nomcomplet",
}
OF_PATIENTS = {"name": "patient patientname"}
OF_DOCTORS = {"name": "doctor doctorname physician provider arzt medico"}


def of(field, kind):
    """The spellings of a field in a list of patients or of doctors."""
    more = OF_PATIENTS if kind == "patients" else OF_DOCTORS
    return {*WORDS.get(field, "").split(), *more.get(field, "").split()}
