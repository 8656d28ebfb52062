"""Names for the demo's clients: invented combinations, drawn from the mix of a large city."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NamePool:
    """First and last names that are heard together."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    last: tuple[str, ...]
    share: int


def pool(share: int, women: str, men: str, last: str) -> NamePool:
    """Read the lists as they are written below."""
    return NamePool(tuple(women.split()), tuple(men.split()), tuple(last.split()), share)


NAME_POOLS = (
    pool(
        30,
        "Eleanor Claire Hannah Audrey Margaret Beth Lydia Naomi Paige Tessa Joanna Caroline Ruth "
        "Willa Georgia Harriet Molly Rosalind June Celia Abigail Vivian",
        "Thomas Henry Simon Miles Russell Peter Graham Owen Elliot Walter Jonah Theo Reid Nathan",
        "Vance Whitaker Ellison Marsh Holloway Prescott Byrne Calloway Hartwell Langley Thorne "
        "Ashby Mercer Fairchild Winslow Harding Keane Lowell Barrett Sutton Pryor Hale",
    ),
    pool(
        17,
        "Lucía Elena Marisol Camila Valeria Inés Daniela Paloma Rocío Isabel Graciela Ximena "
        "Adriana Carolina",
        "Mateo Rafael Andrés Javier Emilio Joaquín Tomás Ignacio Hector Diego",
        "Morales Herrera Villanueva Ortega Salazar Cárdenas Núñez Escobar Fuentes Robles Quintero "
        "Aguilar Pacheco Medina",
    ),
    pool(
        14,
        "Imani Simone Amara Nia Danielle Monique Adaeze Zora Renata Folasade Camille Nadine "
        "Yvonne Tamara",
        "Marcus Julian Darius Kwame Terrence Malik Emeka Isaiah Andre Femi",
        "Baptiste Okonkwo Freeman Mensah Adeyemi Whitfield Coleman Osei Beaumont Ellington Dawkins "
        "Achebe Gaines Monroe",
    ),
    pool(
        12,
        "Mei Grace Hye-jin Yuki Linh Min-ji Sakura Jia Hana Thuy Emi Xiu Soo-ah Aiko",
        "Kenji Daniel Wei Minh Hiro Jun Kai Tae-yang Andrew Bao",
        "Chen Park Nakamura Nguyen Lin Tran Sato Huang Choi Pham Ito Zhao Kwon Liang",
    ),
    pool(
        10,
        "Priya Ananya Meera Kavita Nisha Leela Sana Ritu Divya Anjali Tara Zehra",
        "Rohan Arjun Vikram Sameer Nikhil Kabir Imran Aditya Ravi Farhan",
        "Menon Iyer Kapoor Chaudhry Banerjee Rao Malhotra Qureshi Desai Nair Bhatt Siddiqui",
    ),
    pool(
        9,
        "Katarzyna Ewa Zofia Nadia Irina Milena Agnieszka Daria Ivana Sofiya Marta Hanna",
        "Tomasz Pavel Marek Andrei Stefan Luka Jakub Dmitri",
        "Kowalczyk Novak Petrov Wójcik Horvat Zielińska Marković Bondarenko Nowicki Dvořák Ilić "
        "Sokolova",
    ),
    pool(
        8,
        "Layla Yasmin Nour Leila Shirin Rania Dalia Miriam Tamar Samira Noa Roya",
        "Karim Elias Omar Amir Daniyal Yusuf Reza Adam",
        "Haddad Khoury Rahimi Mansour Farahani Abadi Nasser Shapiro Levin Azar Sayegh Rosen",
    ),
    pool(
        8,
        "Chiara Margaux Astrid Linnea Giulia Solène Ingrid Freya Élodie Annika Bianca Saskia",
        "Luca Étienne Anders Matteo Lars Pieter Søren Fabien",
        "Moretti Laurent Lindqvist Bergström Rinaldi Delacroix Sørensen Van-Houten Conti Aubert "
        "Solberg Keller",
    ),
)

# Names a careless program stumbles over; (first, last, whether a woman).
UNUSUAL_NAMES = (
    ("Zoë", "O'Hara-Lindström", True),
    ("芳", "王", True),
    ("Ngũgĩ", "Wanjirũ", False),
    ("Renée-Élodie", "de la Fontaine-Beaumarchais", True),
    ("Ólöf", "Þórðardóttir", True),
    ("Madhavi", "", True),
    ("Σοφία", "Παπαδοπούλου", True),
    ("María José", "Fernández de Córdoba y Alarcón", True),
    ("Łucja", "Żółkiewska", True),
    ("D'Andre", "St. Clair", False),
    ("नीलिमा", "शर्मा", True),
    ("Xóchitl", "Ibáñez-O'Connor", True),
)
