"""The small made-up world the fleet works in."""

import re

COMPANIES = (
    "Acme Robotics",
    "Blue Heron Foods",
    "Cedar & Sons",
    "Delta Freight",
    "Elm Street Clinics",
    "Fjord Analytics",
    "Granite Insurance",
    "Harbour Logistics",
    "Ivory Labs",
    "Juniper Energy",
    "Kestrel Aviation",
    "Lumen Optics",
)
PEOPLE = (
    "Ada Brandt",
    "Bela Okafor",
    "Chiara Rossi",
    "Dmitri Petrov",
    "Elif Kaya",
    "Femi Adeyemi",
    "Greta Lund",
    "Hugo Silva",
)


def slug(name: str) -> str:
    """A name as it appears in identifiers."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
