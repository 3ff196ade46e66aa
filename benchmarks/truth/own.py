"""Plants of our own: recipes, a ridge, categories and cliffs."""

import numpy as np

from benchmarks.truth.plant import Cliff, Half, Kind, Plant, plant


def _mortar(
    cement: np.ndarray, slag: np.ndarray, ash: np.ndarray, water: np.ndarray, plasticizer: np.ndarray, sand: np.ndarray
) -> np.ndarray:
    """The strength of a made-up mortar in MPa; too much plasticizer, ash or slag harms, wrong volumes do too."""
    binder = cement + 0.8 * slag + 0.5 * ash
    strength = 90 * np.exp(-2.2 * water / binder) * binder / (binder + 120)
    strength *= 1 + 0.12 * np.tanh((plasticizer - 4) / 3)
    harm = 0.6 * np.maximum(plasticizer - 14, 0) ** 2 + 0.12 * np.maximum(ash - 180, 0)
    harm += 18 * np.maximum(slag / cement - 1.6, 0)
    density = cement + slag + ash + water + plasticizer + sand
    return strength - harm - 1.5 * ((density - 2340) / 90) ** 2


def _syrup(sugar: np.ndarray, fruit: np.ndarray, acid: np.ndarray, pectin: np.ndarray, aroma: np.ndarray) -> np.ndarray:
    """How much a made-up syrup is liked; shares of the whole count, and much pectin or aroma spoils it."""
    total = sugar + fruit + acid + pectin + aroma
    sugar, fruit, acid, pectin, aroma = (100 * part / total for part in (sugar, fruit, acid, pectin, aroma))
    liking = 40 + 0.5 * sugar + 0.3 * fruit + 0.02 * sugar * fruit - 0.012 * (sugar - 35) ** 2
    liking += 3 * np.log1p(acid) + 2.5 * pectin + 0.8 * aroma
    return liking - 2.2 * np.maximum(pectin - 9, 0) ** 2 - 1.5 * np.maximum(aroma - 14, 0) ** 1.5


def _blend(resin: np.ndarray, hardener: np.ndarray, filler: np.ndarray, pigment: np.ndarray) -> np.ndarray:
    """The gloss of a made-up lacquer: a special cubic of the shares, as mixture designs fit it."""
    total = resin + hardener + filler + pigment
    resin, hardener, filler, pigment = (part / total for part in (resin, hardener, filler, pigment))
    gloss = 42 * resin + 20 * hardener + 12 * filler + 30 * pigment
    gloss += 130 * resin * hardener - 45 * resin * filler + 60 * filler * pigment + 90 * resin * pigment
    return gloss + 480 * resin * hardener * pigment


def _moulding(
    melt: np.ndarray, mould: np.ndarray, pressure: np.ndarray, cooling: np.ndarray, speed: np.ndarray
) -> np.ndarray:
    """How good made-up moulded parts are: melt and pressure have to match, and the ridge rises along the match."""
    hot = (melt - 200) / 80
    needed = 82 - 48 * hot**0.7 + 0.15 * (mould - 50)
    filled = 1 / (1 + ((pressure - needed) / 14) ** 2)
    quality = 35 + 30 * hot + 10 * np.tanh((cooling - 14) / 8) - 8 * ((mould - 45) / 30) ** 2
    return filled * (quality - 8 * ((speed - 45 - 40 * hot) / 40) ** 2)


def _adhesive(
    temperature: np.ndarray, time: np.ndarray, hardener: np.ndarray, thickness: np.ndarray, resin: np.ndarray
) -> np.ndarray:
    """The strength of a made-up bond in MPa: each of four resins is cured best at a temperature of its own."""
    code = resin.astype(int)
    base = np.array([20.0, 26.0, 23.0, 32.0])[code]
    usual = np.array([105.0, 125.0, 140.0, 150.0])[code]
    wanted = np.array([8.0, 14.0, 11.0, 17.0])[code]
    cured = 1 - np.exp(-time / (30 * np.exp(-0.012 * (temperature - 120))))
    off = ((temperature - usual) / 30) ** 2 + ((hardener - wanted) / 7) ** 2
    return base * cured / (1 + 0.5 * off) - 6 * (thickness - 0.3) * cured


GAS = 8.314e-3
"""The gas constant in kJ/(mol K)."""


def _kinetics(
    temperature: np.ndarray, time: np.ndarray, dose: np.ndarray, water: np.ndarray, catalyst: np.ndarray
) -> np.ndarray:
    """The yield in percent of B in A to B to C, both of first order: a ridge of temperature, time and catalyst."""
    code = catalyst.astype(int)
    warmer = (1 / 350 - 1 / (temperature + 273)) / GAS
    made = dose * np.array([0.010, 0.020, 0.014])[code] * np.exp(np.array([75.0, 60.0, 90.0])[code] * warmer)
    lost = 0.0022 * np.array([1.0, 2.2, 0.8])[code] * np.exp(np.array([100.0, 85.0, 120.0])[code] * warmer)
    lost = np.where(np.isclose(made, lost, rtol=1e-6), made * (1 + 1e-5), lost)
    return (100 - 5 * water) * made / (lost - made) * (np.exp(-made * time) - np.exp(-lost * time))


def _extrusion(
    speed: np.ndarray, temperature: np.ndarray, gap: np.ndarray, back: np.ndarray, chilling: np.ndarray
) -> np.ndarray:
    """Kilograms of a made-up film an hour."""
    output = 1.1 * speed * (1 + 0.4 / gap) * (1 - 0.004 * back)
    return output - 0.004 * (temperature - 180) ** 2 - 14 * ((chilling - 18) / 12) ** 2


def _melt_stress(
    speed: np.ndarray, temperature: np.ndarray, gap: np.ndarray, back: np.ndarray, chilling: np.ndarray
) -> np.ndarray:
    """The stress at the wall of the die against the one at which the melt fractures."""
    return (speed / 98) ** 0.6 * np.exp(-0.012 * (temperature - 185)) * (1.1 / gap) ** 0.5 * (1 + 0.002 * back)


def _nitration(
    temperature: np.ndarray, feed: np.ndarray, excess: np.ndarray, stirring: np.ndarray, cooling: np.ndarray
) -> np.ndarray:
    """Tonnes that a made-up reactor makes a day."""
    rate = np.exp(0.028 * (temperature - 60)) * (1 + 0.5 * np.log(excess))
    return 24 * feed * rate / (rate + 0.35 * feed) * np.tanh(stirring / 160) - 0.02 * cooling


def _heat(
    temperature: np.ndarray, feed: np.ndarray, excess: np.ndarray, stirring: np.ndarray, cooling: np.ndarray
) -> np.ndarray:
    """The heat that is set free against what can be taken away; with more of it the reaction runs away."""
    return feed**0.7 * np.exp(0.03 * (temperature - 68)) * excess**0.3 / (0.5 + 0.014 * cooling) / 1.9


def _coating(
    speed: np.ndarray, viscosity: np.ndarray, gap: np.ndarray, solids: np.ndarray, drying: np.ndarray,
    tension: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """What a made-up coating line earns an hour; slow drying and wrong tension make waste."""
    dried = 1 / (1 + np.exp(-(drying - 70 - 0.35 * speed + 0.4 * solids) / 12))
    return 4.2 * speed * (0.4 + 0.012 * solids) * (0.3 + 0.7 * dried) - 0.03 * drying - 6 * ((tension - 90) / 30) ** 2


def _entrainment(
    speed: np.ndarray, viscosity: np.ndarray, gap: np.ndarray, solids: np.ndarray, drying: np.ndarray,
    tension: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The capillary number of the bead against the one at which air gets under it."""
    return (speed / 82) * (viscosity / 150) ** 0.4 * (gap / 250) ** 0.3


def _quench(
    carbon: np.ndarray, manganese: np.ndarray, hardening: np.ndarray, cooling: np.ndarray, tempering: np.ndarray,
    thickness: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The hardness of made-up steel parts in HRC."""
    reached = 1 / (1 + np.exp(-(np.log(cooling / 25) + 0.9 * manganese - 0.012 * thickness)))
    hardness = (22 + 42 * np.sqrt(carbon)) * (0.45 + 0.55 * reached) - 0.032 * (tempering - 150)
    return hardness - 3 * ((hardening - 865) / 45) ** 2


def _tension(
    carbon: np.ndarray, manganese: np.ndarray, hardening: np.ndarray, cooling: np.ndarray, tempering: np.ndarray,
    thickness: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The residual stress against the one at which parts crack."""
    stress = (carbon / 0.5) ** 0.6 * (cooling / 45) ** 0.45 * (1 + 0.25 * (manganese - 1)) * (thickness / 30) ** 0.25
    return stress * np.exp(-0.0016 * (tempering - 250))


OWN: tuple[Plant, ...] = (
    plant(
        "syrup", Half.CHOOSING, Kind.RECIPE,
        {"sugar": (10, 60), "fruit": (10, 50), "acid": (0, 20), "pectin": (0, 15), "aroma": (0, 25)},
        _syrup,
        total=100,
        tried={"pectin": 9, "aroma": 13},
    ),
    plant(
        "mortar", Half.REPORTING, Kind.RECIPE,
        {"cement": (100, 450), "slag": (0, 300), "ash": (0, 250), "water": (130, 240), "plasticizer": (0, 20),
         "sand": (1500, 1900)},
        _mortar,
        total=2340,
        tried={"plasticizer": 13, "ash": 180},
    ),
    plant(
        "blend", Half.REPORTING, Kind.RECIPE,
        {"resin": (0.1, 0.6), "hardener": (0.05, 0.4), "filler": (0.1, 0.7), "pigment": (0, 0.2)},
        _blend,
        total=1,
        weighing=0.0,
    ),
    plant(
        "moulding", Half.CHOOSING, Kind.RIDGED,
        {"melt": (200, 280), "mould": (20, 80), "pressure": (20, 90), "cooling": (5, 40), "speed": (10, 120)},
        _moulding,
    ),
    plant(
        "kinetics", Half.REPORTING, Kind.RIDGED,
        {"temperature": (50, 110), "time": (10, 240), "dose": (0.5, 3), "water": (0, 8),
         "catalyst": ("A", "B", "C")},
        _kinetics,
    ),
    plant(
        "adhesive", Half.CHOOSING, Kind.CATEGORICAL,
        {"temperature": (80, 170), "time": (10, 120), "hardener": (2, 24), "thickness": (0.1, 1.2),
         "resin": ("A", "B", "C", "D")},
        _adhesive,
    ),
    plant(
        "extrusion", Half.CHOOSING, Kind.CLIFF_INSIDE,
        {"speed": (20, 120), "temperature": (160, 210), "gap": (0.5, 2), "back": (0, 40), "chilling": (5, 40)},
        _extrusion,
        cliff=Cliff(_melt_stress, left=0.15),
    ),
    plant(
        "coating", Half.REPORTING, Kind.CLIFF_INSIDE,
        {"speed": (15, 100), "viscosity": (40, 300), "gap": (100, 400), "solids": (20, 60), "drying": (60, 140),
         "tension": (40, 150)},
        _coating,
        cliff=Cliff(_entrainment, left=0.1),
    ),
    plant(
        "nitration", Half.CHOOSING, Kind.CLIFF_BEYOND,
        {"temperature": (40, 90), "feed": (1, 8), "excess": (1.05, 2.5), "stirring": (80, 400), "cooling": (20, 100)},
        _nitration,
        cliff=Cliff(_heat, left=0.6, tried=0.9),
    ),
    plant(
        "quench", Half.REPORTING, Kind.CLIFF_BEYOND,
        {"carbon": (0.2, 0.9), "manganese": (0.4, 1.8), "hardening": (800, 930), "cooling": (10, 120),
         "tempering": (150, 450), "thickness": (10, 60)},
        _quench,
        cliff=Cliff(_tension, left=0.7, tried=0.9),
    ),
)  # fmt: skip
