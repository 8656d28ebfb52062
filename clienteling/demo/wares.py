"""What the demo shop sells: invented brands, and models by silhouette as a buyer lists them."""

from dataclasses import dataclass, replace
from enum import Enum

ONE_SIZE = ""  # a thing of one size has no size to ask for
WOMEN_SHOE_SIZES = ("35", "36", "37", "38", "39", "40", "41")
WOMEN_HALF_SIZES = ("36.5", "37.5", "38.5", "39.5")
MEN_SHOE_SIZES = ("40", "41", "42", "43", "44", "45", "46")
CLOTHING_SIZES = ("XS", "S", "M", "L", "XL")

COLORS = (
    *("ivory", "sand", "cognac", "chocolate", "bordeaux", "blush", "mustard"),
    *("sage", "forest", "slate", "navy", "ink", "black", "grey"),
)

# The least expensive first; a model's own price decides, the order only groups tastes.
BRANDS = (
    "Pell & Wren",
    "Oake",
    "Tamsin Rook",
    "Linnea Skog",
    "Fenn & Alder",
    "Halden Row",
    "Ardmore Mill",
    "Sabine Cortes",
    "Corvane",
    "Maren Holt",
    "Bruno Valdi",
    "Quillon",
)


class Season(Enum):
    """The months in which most arrivals of a silhouette come in."""

    ALL_YEAR = tuple(range(1, 13))
    SUMMER = (2, 3, 4, 5, 6)
    WINTER = (8, 9, 10, 11, 12)


@dataclass(frozen=True)
class Silhouette:
    """One of the drawn shapes, and how the shop files it."""

    name: str
    category: str
    subcategory: str
    season: Season
    models: str


# A season's new models are last year's shapes under new names.
NAMES_IN_TURN = (
    "Abel Ada Aline Arden Aspen Auden Beck Bellamy Birch Blythe Bram Briar Carys Cedar "
    "Clement Coral Darcy Delft Eden Edda Elowen Ember Esker Fern Flint Gale Garnet Gwen Haven "
    "Hazel Heath Hollin Ibis Ilse Ivo Jasper Joss Kerr Laurel Leith Linnet Lorne Lowen Maren "
    "Marin Merle Mica Mirren Moor Myrtle Nash Neve Noel Odell Olive Onyx Orrin Palmer Perry "
    "Pike Quill Reed Robin Rue Sable Sage Selby Signe Sloane Soren Teal Tove Una Vale Violet "
    "Wells Willow Yarrow "
)
NEW_NAMES = tuple(NAMES_IN_TURN.split())


@dataclass(frozen=True)
class Model:
    """One design, made in one or several colours."""

    name: str
    gender: str
    brand: str
    price: int
    material: str
    heel_mm: int | None

    def renamed(self, first_word: str) -> "Model":
        """The same shape under another name: Marlow penny loafer, Hollin penny loafer."""
        return replace(self, name=f"{first_word} {self.name.partition(' ')[2]}")


def models_of(silhouette: Silhouette) -> list[Model]:
    """Read the lines `name | gender | brand | price | material | heel`."""
    return [_model(line) for line in silhouette.models.strip().splitlines()]


def _model(line: str) -> Model:
    name, gender, brand, price, material, heel = (part.strip() for part in line.split("|"))
    return Model(name, gender, brand, int(price), material, int(heel) if heel else None)


SILHOUETTES = (
    Silhouette(
        "loafer",
        "Shoes",
        "Loafers",
        Season.ALL_YEAR,
        """
        Marlow penny loafer     | women | Fenn & Alder  | 265 | suede          | 20
        Thea tassel loafer      | women | Sabine Cortes | 310 | smooth leather | 25
        Ida soft loafer         | women | Linnea Skog   | 225 | nappa          | 15
        Nell chunky loafer      | women | Tamsin Rook   | 195 | polished calf  | 45
        Orla horsebit loafer    | women | Corvane       | 385 | smooth leather | 20
        Rhea slip loafer        | women | Pell & Wren   | 159 | suede          | 15
        Vera city loafer        | women | Maren Holt    | 425 | glazed calf    | 30
        Alden penny loafer      | men   | Fenn & Alder  | 295 | grained calf   | 25
        Crispin tassel loafer   | men   | Bruno Valdi   | 465 | suede          | 25
        Hugo driving loafer     | men   | Oake          | 175 | suede          | 10
        """,
    ),
    Silhouette(
        "heel",
        "Shoes",
        "Heels",
        Season.ALL_YEAR,
        """
        Sabine pump, 65 mm        | women | Sabine Cortes | 325 | nappa          | 65
        Corvo pump, 85 mm         | women | Corvane       | 410 | patent leather | 85
        Mila block heel           | women | Fenn & Alder  | 275 | suede          | 55
        Ines slingback            | women | Sabine Cortes | 340 | smooth leather | 50
        Daphne Mary Jane          | women | Tamsin Rook   | 210 | polished calf  | 60
        Lou kitten heel           | women | Pell & Wren   | 165 | suede          | 40
        Perla evening sandal heel | women | Maren Holt    | 460 | satin          | 80
        Greta ankle-strap heel    | women | Linnea Skog   | 245 | nappa          | 70
        Odile d'Orsay pump        | women | Quillon       | 520 | suede          | 75
        Wilma low pump            | women | Oake          | 185 | smooth leather | 35
        """,
    ),
    Silhouette(
        "boot",
        "Shoes",
        "Boots",
        Season.WINTER,
        """
        Thorne ankle boot      | women | Fenn & Alder | 345 | smooth leather | 40
        Ash Chelsea boot       | women | Halden Row   | 320 | suede          | 30
        Isla lace-up boot      | women | Linnea Skog  | 295 | grained calf   | 35
        Petra tall boot        | women | Maren Holt   | 560 | smooth leather | 50
        Juno western boot      | women | Tamsin Rook  | 275 | suede          | 45
        Runa winter boot       | women | Ardmore Mill | 310 | shearling      | 25
        Bex heeled boot        | women | Corvane      | 430 | nappa          | 75
        Warren Chelsea boot    | men   | Halden Row   | 365 | suede          | 30
        Garrick work boot      | men   | Ardmore Mill | 340 | oiled leather  | 35
        Sterling brogue boot   | men   | Bruno Valdi  | 520 | grained calf   | 30
        """,
    ),
    Silhouette(
        "sneaker",
        "Shoes",
        "Sneakers",
        Season.ALL_YEAR,
        """
        Juniper court sneaker   | women | Pell & Wren  | 149 | smooth leather |
        Lark runner             | women | Oake         | 165 | suede and mesh |
        Mina platform sneaker   | women | Tamsin Rook  | 189 | canvas         |
        Aster low sneaker       | women | Linnea Skog  | 195 | nappa          |
        Fable slip-on sneaker   | women | Halden Row   | 210 | suede          |
        Noor retro sneaker      | women | Corvane      | 290 | suede          |
        Dale court sneaker      | men   | Pell & Wren  | 159 | smooth leather |
        Rowan runner            | men   | Oake         | 179 | suede and mesh |
        Kit canvas sneaker      | men   | Tamsin Rook  | 135 | canvas         |
        Emmett low sneaker      | men   | Halden Row   | 235 | grained calf   |
        """,
    ),
    Silhouette(
        "sandal",
        "Shoes",
        "Sandals",
        Season.SUMMER,
        """
        Cleo strap sandal      | women | Pell & Wren   | 139 | smooth leather | 10
        Amalfi slide           | women | Oake          | 145 | raffia         | 10
        Rosa woven sandal      | women | Linnea Skog   | 189 | woven leather  | 20
        Siena wedge sandal     | women | Sabine Cortes | 265 | suede          | 60
        Naxos fisherman sandal | women | Fenn & Alder  | 215 | bridle leather | 20
        Lina thong sandal      | women | Tamsin Rook   | 125 | nappa          | 5
        Delphi gladiator       | women | Corvane       | 290 | smooth leather | 10
        Capri evening sandal   | women | Maren Holt    | 365 | metallic nappa | 45
        Cove slide             | men   | Oake          | 135 | bridle leather | 10
        Tobin fisherman sandal | men   | Fenn & Alder  | 225 | bridle leather | 20
        """,
    ),
    Silhouette(
        "flat",
        "Shoes",
        "Flats",
        Season.ALL_YEAR,
        """
        Linden ballet flat     | women | Linnea Skog   | 185 | nappa          | 5
        Colette pointed flat   | women | Sabine Cortes | 255 | suede          | 10
        Birdie bow flat        | women | Pell & Wren   | 139 | smooth leather | 5
        Sylvie Mary Jane flat  | women | Tamsin Rook   | 165 | velvet         | 10
        Esme glove flat        | women | Fenn & Alder  | 235 | nappa          | 5
        Faye woven flat        | women | Oake          | 169 | woven leather  | 10
        Manon square flat      | women | Corvane       | 320 | glazed calf    | 15
        Opal slipper           | women | Maren Holt    | 345 | velvet         | 10
        Tilda strap flat       | women | Halden Row    | 215 | suede          | 10
        Anouk soft flat        | women | Quillon       | 395 | nappa          | 5
        """,
    ),
    Silhouette(
        "tote",
        "Bags",
        "Totes",
        Season.ALL_YEAR,
        """
        Alder day tote         | women  | Fenn & Alder | 395 | grained calf   |
        Harbor canvas tote     | unisex | Oake         | 165 | canvas         |
        Beatrix work tote      | women  | Maren Holt   | 640 | smooth leather |
        Clover soft tote       | women  | Linnea Skog  | 325 | suede          |
        Ferry weekend tote     | unisex | Ardmore Mill | 410 | waxed canvas   |
        Orchard bucket tote    | women  | Tamsin Rook  | 245 | smooth leather |
        Portia top-handle tote | women  | Quillon      | 890 | box calf       |
        Sorrel market tote     | women  | Pell & Wren  | 189 | woven leather  |
        Verity slim tote       | women  | Corvane      | 520 | glazed calf    |
        Dover document tote    | men    | Bruno Valdi  | 695 | bridle leather |
        """,
    ),
    Silhouette(
        "crossbody",
        "Bags",
        "Crossbody bags",
        Season.ALL_YEAR,
        """
        Halden crossbody       | women  | Halden Row    | 285 | smooth leather |
        Poppy camera bag       | women  | Tamsin Rook   | 195 | grained calf   |
        Elle saddle bag        | women  | Fenn & Alder  | 345 | bridle leather |
        Maud half-moon bag     | women  | Sabine Cortes | 390 | nappa          |
        Wisp evening bag       | women  | Maren Holt    | 480 | satin          |
        Nook phone pouch       | unisex | Pell & Wren   | 119 | grained calf   |
        Tarn messenger         | unisex | Ardmore Mill  | 295 | waxed canvas   |
        Indie belt bag         | unisex | Oake          | 149 | suede          |
        Margot chain bag       | women  | Quillon       | 760 | box calf       |
        Pia quilted bag        | women  | Corvane       | 450 | nappa          |
        """,
    ),
    Silhouette(
        "coat",
        "Clothing",
        "Coats",
        Season.WINTER,
        """
        Hollis wrap coat        | women | Maren Holt    | 890 | wool and cashmere |
        Brant peacoat           | women | Ardmore Mill  | 520 | melton wool       |
        Lisbeth trench          | women | Halden Row    | 465 | cotton gabardine  |
        Agnes cocoon coat       | women | Linnea Skog   | 580 | boiled wool       |
        Rue cropped coat        | women | Tamsin Rook   | 345 | bouclé            |
        Odette long coat        | women | Quillon       | 1190 | cashmere         |
        Bridget quilted coat    | women | Oake          | 295 | recycled down     |
        Callum overcoat         | men   | Bruno Valdi   | 980 | wool and cashmere |
        Fergus peacoat          | men   | Ardmore Mill  | 540 | melton wool       |
        Ellis car coat          | men   | Halden Row    | 430 | cotton gabardine  |
        """,
    ),
    Silhouette(
        "dress",
        "Clothing",
        "Dresses",
        Season.SUMMER,
        """
        Wren wrap dress         | women | Pell & Wren   | 189 | viscose crêpe  |
        Flora tea dress         | women | Tamsin Rook   | 215 | printed cotton |
        Selene slip dress       | women | Sabine Cortes | 345 | silk satin     |
        Hattie shirt dress      | women | Oake          | 198 | cotton poplin  |
        Ottilie knit dress      | women | Linnea Skog   | 275 | merino         |
        Juliet evening dress    | women | Maren Holt    | 620 | silk georgette |
        Bronte midi dress       | women | Halden Row    | 295 | linen          |
        Cass column dress       | women | Corvane       | 420 | stretch crêpe  |
        Delia sun dress         | women | Fenn & Alder  | 245 | linen          |
        Vesper cocktail dress   | women | Quillon       | 780 | silk faille    |
        """,
    ),
    Silhouette(
        "knit",
        "Clothing",
        "Knitwear",
        Season.WINTER,
        """
        Fisher cable knit       | women | Ardmore Mill  | 245 | lambswool      |
        Moss crew knit          | women | Oake          | 159 | merino         |
        Elin yoke knit          | women | Linnea Skog   | 225 | alpaca         |
        Pippa cardigan          | women | Pell & Wren   | 139 | cotton         |
        Cirrus rollneck         | women | Maren Holt    | 395 | cashmere       |
        Heather V-neck          | women | Halden Row    | 198 | lambswool      |
        Dune ribbed knit        | women | Tamsin Rook   | 165 | merino         |
        Skipper cable knit      | men   | Ardmore Mill  | 265 | lambswool      |
        Glen crew knit          | men   | Halden Row    | 210 | merino         |
        Aldo half-zip           | men   | Bruno Valdi   | 340 | cashmere       |
        """,
    ),
    Silhouette(
        "scarf",
        "Accessories",
        "Scarves",
        Season.WINTER,
        """
        Loch check scarf        | unisex | Ardmore Mill  | 125 | lambswool         |
        Plume silk scarf        | women  | Sabine Cortes | 165 | silk twill        |
        Nora blanket scarf      | women  | Linnea Skog   | 145 | alpaca            |
        Haze cashmere scarf     | unisex | Maren Holt    | 245 | cashmere          |
        Kestrel fringed scarf   | unisex | Halden Row    | 118 | merino            |
        Bay stripe scarf        | unisex | Oake          | 79  | cotton            |
        Celeste square          | women  | Quillon       | 295 | silk twill        |
        Merrow ribbed scarf     | unisex | Pell & Wren   | 69  | lambswool         |
        Ember wrap              | women  | Corvane       | 210 | wool and cashmere |
        Finch neckerchief       | women  | Tamsin Rook   | 59  | silk              |
        """,
    ),
)
