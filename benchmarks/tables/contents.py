"""What stands in tables of many trades: columns drawn by seed, with the roles that an expert would name."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from benchmarks.tables.case import Case, Roles, csv_bytes

Content = tuple[Mapping[str, object], Roles]
_MADE: list[Callable[[np.random.Generator], Content]] = []


def _content(make: Callable[[np.random.Generator], Content]) -> Callable[[np.random.Generator], Content]:
    _MADE.append(make)
    return make


def contents() -> Iterator[Case]:
    """Yield every content as a plain CSV file."""
    for number, make in enumerate(_MADE):
        columns, roles = make(np.random.default_rng([7, number]))
        frame = pd.DataFrame(dict(columns))
        name = make.__name__.strip("_")
        yield Case(name, f"{name}.csv", csv_bytes(frame), frame, roles)


def _shares(rng: np.random.Generator, n: int, alpha: list[float], decimals: int, total: float = 100.0) -> np.ndarray:
    return np.round(total * rng.dirichlet(alpha, n), decimals).T


def _levels(rng: np.random.Generator, n: int, *values: float) -> np.ndarray:
    return rng.choice(np.array(values), n)


@_content
def _paint(rng: np.random.Generator) -> Content:
    a, temp = rng.integers(10, 91, 30), rng.integers(60, 100, 30)
    gloss = np.round(40 + 0.9 * a - 0.007 * a**2 + 0.1 * temp + rng.normal(0, 1, 30), 1)
    columns = {"A_pct": a, "B_pct": 100 - a, "temp": temp, "gloss": gloss}
    return columns, Roles("gloss", relations=("A_pct + B_pct = 100",))


@_content
def _thirds(rng: np.random.Generator) -> Content:
    parts = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [0.333, 0.333, 0.333], [0.34, 0.33, 0.34]] * 4)
    parts = np.vstack([parts, [[0.25, 0.25, 0.5]] * 3])
    y = np.round(parts @ [12, 25, 8] + 60 * parts[:, 0] * parts[:, 1] + rng.normal(0, 1, len(parts)), 2)
    columns = dict(zip(("resin", "solvent", "pigment"), parts.T, strict=True)) | {"hardness": y}
    return columns, Roles("hardness", relations=("resin + solvent + pigment = 1",))


@_content
def _suspension(rng: np.random.Generator) -> Content:
    solid, surfactant = np.round(rng.uniform(20, 100, 60), 1), np.round(rng.uniform(0, 0.01, 60), 4)
    viscosity = np.round(np.exp(solid / 30) * (1.2 - 30 * surfactant) + rng.normal(0, 0.2, 60), 2)
    columns = {"solid": solid, "liquid": 120 - solid, "surfactant": surfactant, "viscosity": viscosity}
    return columns, Roles("viscosity", relations=("solid + liquid = 120",))


@_content
def _charges(rng: np.random.Generator) -> Content:
    charge = 20240500 + np.cumsum(rng.integers(1, 5, 40))
    temp, ph = rng.integers(55, 95, 40), rng.integers(4, 10, 40)
    yields = np.round(30 + 0.4 * temp - (ph - 7) ** 2 + rng.normal(0, 1, 40), 1)
    return {"Charge": charge, "temp": temp, "pH": ph, "yield": yields}, Roles("yield", labels=("Charge",))


@_content
def _cars(rng: np.random.Generator) -> Content:
    cylinders = _levels(rng, 90, 4, 6, 8)
    weight = np.round(1600 + 300 * cylinders + rng.normal(0, 250, 90))
    power = np.round(20 * cylinders + rng.normal(0, 14, 90))
    columns = {
        "mpg": np.round(50 - 0.007 * weight - 0.04 * power + rng.normal(0, 1.5, 90), 1),
        "cylinders": cylinders,
        "displacement": np.round(42 * cylinders + rng.normal(0, 22, 90)),
        "horsepower": power,
        "weight": weight,
        "acceleration": np.round(rng.normal(15, 3, 90), 1),
        "model year": rng.integers(70, 83, 90),
        "gears": _levels(rng, 90, 3, 4, 5),
    }
    return columns, Roles("mpg")


@_content
def _houses(rng: np.random.Generator) -> Content:
    area, year = rng.integers(45, 220, 70), rng.integers(1950, 2022, 70)
    columns = {
        "Listing ID": np.sort(rng.choice(90_000, 70, replace=False)) + 10_000,
        "area": area,
        "rooms": np.clip(area // 28 + rng.integers(-1, 2, 70), 1, 9),
        "bathrooms": _levels(rng, 70, 1, 2, 3),
        "year built": year,
        "district": rng.choice(["north", "old town", "harbour"], 70),
        "price": np.round(2_900.0 * area + 900.0 * (year - 1950) + rng.normal(0, 15_000, 70), -2),
    }
    return columns, Roles("price", labels=("Listing ID",))


@_content
def _sensors(rng: np.random.Generator) -> Content:
    temp, pressure = rng.integers(150, 221, 40), np.round(rng.uniform(1, 9, 40), 1)
    conversion = np.round(100 / (1 + np.exp(-(temp - 180) / 12)) * pressure / 9 + rng.normal(0, 1, 40), 1)
    columns = {"temp": temp, "temperature": temp, "pressure": pressure, "conversion": conversion}
    return columns, Roles("conversion", left_out=("temperature",))


@_content
def _fahrenheit(rng: np.random.Generator) -> Content:
    celsius = np.round(rng.uniform(20, 90, 45), 1)
    columns = {
        "bath_C": celsius,
        "bath_F": np.round(1.8 * celsius + 32, 1),
        "current": np.round(rng.uniform(0.5, 4, 45), 2),
        "thickness": np.round(2 + 0.05 * celsius + rng.normal(0, 0.2, 45), 2),
    }
    return columns, Roles("thickness", left_out=("bath_F",))


@_content
def _design(rng: np.random.Generator) -> Content:
    n = 32
    temp, conc, time = _levels(rng, n, 120, 140, 160), _levels(rng, n, 0.5, 1, 1.5), _levels(rng, n, 30, 60, 90)
    columns = {
        "StdOrder": rng.permutation(n) + 1,
        "RunOrder": np.arange(1, n + 1),
        "Block": np.repeat([1, 2, 3, 4], n // 4),
        "Temperature": temp,
        "Concentration": conc,
        "Time": time,
        "Yield": np.round(0.3 * temp + 12 * conc + 0.1 * time - 20 + rng.normal(0, 1, n), 1),
    }
    return columns, Roles("Yield", labels=("StdOrder", "RunOrder", "Block"), group="Block")


@_content
def _ages(rng: np.random.Generator) -> Content:
    cement, water = np.repeat(rng.integers(250, 500, 20), 4), np.repeat(rng.integers(150, 220, 20), 4)
    age = np.tile([3, 7, 28, 90], 20)
    strength = np.round(0.12 * cement - 0.15 * water + 8 * np.log(age) + rng.normal(0, 1, 80), 1)
    return {"cement": cement, "water": water, "age": age, "strength": strength}, Roles("strength", sweep="age")


@_content
def _german(rng: np.random.Generator) -> Content:
    time, temp = _levels(rng, 36, 30, 45, 60, 90, 120), rng.integers(60, 96, 36)
    columns = {
        "Lfd. Nr.": np.arange(1, 37),
        "Katalysator": rng.choice(["A12", "B7", "C3"], 36),
        "Zeit": time,
        "Temperatur": temp,
        "Ausbeute": np.round(20 + 0.2 * time + 0.4 * temp + rng.normal(0, 1.5, 36), 1),
    }
    return columns, Roles("Ausbeute", labels=("Lfd. Nr.",))


@_content
def _log_of_days(rng: np.random.Generator) -> Content:
    dates = pd.date_range("2024-03-01", periods=60).strftime("%Y-%m-%d")
    speed, moisture = rng.integers(40, 90, 60), np.round(rng.uniform(3, 9, 60), 1)
    columns = {
        "Date": dates,
        "line speed": speed,
        "moisture": moisture,
        "nozzle": rng.choice(["fine", "wide"], 60),
        "scrap rate": np.round(1 + 0.03 * speed + 0.4 * np.abs(moisture - 6) + rng.normal(0, 0.2, 60), 2),
    }
    return columns, Roles("scrap rate", labels=("Date",))


@_content
def _ligands(rng: np.random.Generator) -> Content:
    ligand, temp = rng.choice(["none", "PPh3", "dppf", "XPhos"], 48), _levels(rng, 48, 60, 80, 100)
    bonus = pd.Series(ligand).map({"none": 0, "PPh3": 20, "dppf": 35, "XPhos": 50}).to_numpy()
    columns = {
        "ligand": ligand,
        "base": rng.choice(["K2CO3", "Cs2CO3"], 48),
        "temp": temp,
        "conversion": np.round(np.clip(bonus + 0.4 * temp + rng.normal(0, 2, 48), 0, 100), 1),
    }
    return columns, Roles("conversion")


@_content
def _filled_resin(rng: np.random.Generator) -> Content:
    filler, resin, oil = _shares(rng, 34, [6, 4, 1], 1)
    columns = {
        "Probe": [f"P-{number:03d}" for number in range(1, 35)],
        "filler": filler,
        "resin": resin,
        "oil": oil,
        "cure temp": _levels(rng, 34, 140, 160, 180),
        "hardness": np.round(30 + 0.5 * filler - 0.8 * oil + rng.normal(0, 1, 34), 1),
    }
    return columns, Roles("hardness", labels=("Probe",), relations=("filler + resin + oil = 100",))


@_content
def _batches(rng: np.random.Generator) -> Content:
    feed, temp = np.round(rng.uniform(1, 6, 45), 2), rng.integers(70, 110, 45)
    columns = {
        "Batch No.": np.repeat(np.arange(1201, 1216), 3),
        "feed rate": feed,
        "jacket temp": temp,
        "seed": rng.choice(["fine", "coarse"], 45),
        "purity": np.round(99.5 - 0.3 * feed - 0.02 * np.abs(temp - 90) + rng.normal(0, 0.1, 45), 2),
    }
    return columns, Roles("purity", labels=("Batch No.",), group="Batch No.")


@_content
def _two_ages(rng: np.random.Generator) -> Content:
    binder, water = rng.integers(280, 480, 40), rng.integers(140, 210, 40)
    later = 0.15 * binder - 0.2 * water + 20 + rng.normal(0, 1, 40)
    columns = {
        "binder": binder,
        "water": water,
        "fibres": np.round(rng.uniform(0, 2, 40), 1),
        "strength 7d": np.round(0.7 * later + rng.normal(0, 0.5, 40), 1),
        "strength 28d": np.round(later, 1),
    }
    return columns, Roles("strength 28d", others=("strength 7d",))


@_content
def _printing(rng: np.random.Generator) -> Content:
    power, speed = _levels(rng, 54, 150, 175, 200, 225), _levels(rng, 54, 600, 800, 1000, 1200)
    hatch = _levels(rng, 54, 0.08, 0.1, 0.12)
    energy = power / (speed * hatch * 0.03)
    columns = {
        "Build ID": [f"B{number:02d}" for number in np.repeat(np.arange(1, 10), 6)],
        "laser power": power,
        "scan speed": speed,
        "hatch": hatch,
        "relative density": np.round(99.8 - 0.0006 * (energy - 70) ** 2 + rng.normal(0, 0.1, 54), 2),
    }
    return columns, Roles("relative density", labels=("Build ID",), group="Build ID")


@_content
def _coffee(rng: np.random.Generator) -> Content:
    dose, water, time = np.round(rng.uniform(14, 22, 30), 1), rng.integers(220, 360, 30), rng.integers(90, 240, 30)
    columns = {
        "score": np.round(
            85 - (dose / water * 1000 - 60) ** 2 / 40 - (time - 160) ** 2 / 900 + rng.normal(0, 0.4, 30), 1
        ),
        "dose": dose,
        "water": water,
        "grind": _levels(rng, 30, 4, 5, 6, 7, 8),
        "brew time": time,
    }
    return columns, Roles("score")


@_content
def _fermentation(rng: np.random.Generator) -> Content:
    strain, ph, temp = rng.choice(["K12", "BL21"], 48), _levels(rng, 48, 6.5, 7.0, 7.5), _levels(rng, 48, 30, 34, 37)
    columns = {
        "Replicate": np.tile([1, 2, 3], 16),
        "strain": strain,
        "pH": ph,
        "temperature": temp,
        "titer": np.round(
            4 - (ph - 7) ** 2 * 3 - (temp - 34) ** 2 / 20 + (strain == "K12") + rng.normal(0, 0.1, 48), 2
        ),
    }
    return columns, Roles("titer", labels=("Replicate",), group="Replicate")


@_content
def _fertiliser(rng: np.random.Generator) -> Content:
    n, p, k = rng.integers(20, 160, (3, 40))
    columns = {
        "N": n,
        "P": p,
        "K": k,
        "total": n + p + k,
        "rain": rng.integers(180, 600, 40),
        "crop yield": np.round(2 + 0.02 * n + 0.01 * p - 0.00005 * n**2 + rng.normal(0, 0.1, 40), 2),
    }
    return columns, Roles("crop yield", relations=("total = N + P + K",))


@_content
def _blend_index(rng: np.random.Generator) -> Content:
    a, b = rng.integers(5, 60, (2, 36))
    columns = {
        "naphtha": a,
        "reformate": b,
        "index": np.round(0.4 * a + 0.6 * b, 1),
        "sulfur": np.round(rng.uniform(2, 9, 36), 1),
        "octane": np.round(80 + 0.1 * a + 0.25 * b + rng.normal(0, 0.4, 36), 1),
    }
    return columns, Roles("octane", relations=("index = 0.4 naphtha + 0.6 reformate",))


@_content
def _spectra(rng: np.random.Generator) -> Content:
    places = np.linspace(0, 1, 30)
    peaks = np.array([np.exp(-(((places - c) / 0.4) ** 2)) for c in (0.1, 0.5, 0.9)])
    amounts = rng.uniform(0.2, 1, (50, 3))
    channels = np.round(amounts @ peaks + 0.001 * rng.normal(size=(50, 30)), 4)
    columns: dict[str, object] = {f"{1100 + 20 * j} nm": channels[:, j] for j in range(30)}
    return columns | {"moisture": np.round(12 * amounts[:, 0] + rng.normal(0, 0.2, 50), 2)}, Roles("moisture")


@_content
def _packing_line(rng: np.random.Generator) -> Content:
    speed, fill = rng.integers(60, 120, 60), np.round(rng.uniform(480, 520, 60), 1)
    columns = {
        "operator": rng.choice(["Ann", "Bo", "Cy"], 60),
        "shift": rng.choice(["early", "late", "night"], 60),
        "machine speed": speed,
        "fill weight": fill,
        "rejects": np.round(0.5 + 0.0004 * (speed - 80) ** 2 + 0.02 * np.abs(fill - 500) + rng.normal(0, 0.05, 60), 2),
    }
    return columns, Roles("rejects")


@_content
def _dough(rng: np.random.Generator) -> Content:
    flour, water, fat, sugar, salt = _shares(rng, 40, [30, 18, 4, 3, 1], 0, 1000.0)
    columns = {
        "flour": flour,
        "water": water,
        "fat": fat,
        "sugar": sugar,
        "salt": salt,
        "bake time": rng.integers(18, 42, 40),
        "volume": np.round(900 + 0.5 * water + fat - 0.3 * salt**1.2 + rng.normal(0, 8, 40)),
    }
    return columns, Roles("volume", relations=("flour + water + fat + sugar + salt = 1,000",))


@_content
def _sparse(rng: np.random.Generator) -> Content:
    temp, load = rng.integers(150, 230, 40), np.round(rng.uniform(1, 5, 40), 1)
    extra = np.where(rng.random(40) < 0.3, np.round(rng.uniform(0, 2, 40), 2), np.nan)
    columns = {
        "temp": temp,
        "load": load,
        "extra additive": extra,
        "wear": np.round(20 - 0.05 * temp + 2 * load + rng.normal(0, 0.5, 40), 2),
    }
    return columns, Roles("wear", left_out=("extra additive",))


@_content
def _glass(rng: np.random.Generator) -> Content:
    weighed = 100 * rng.dirichlet([70, 14, 8, 4, 3, 1], 50) + rng.normal(0, 0.05, (50, 6))
    oxides = np.round(np.maximum(weighed, 0), 2)
    names = ("SiO2", "Na2O", "CaO", "MgO", "Al2O3", "Fe2O3")
    y = np.round(400 + 2.2 * oxides[:, 0] - 6 * oxides[:, 1] + 5 * oxides[:, 4] + rng.normal(0, 2, 50), 1)
    columns = dict(zip(names, oxides.T, strict=True)) | {"Tg": y}
    return columns, Roles("Tg", relations=("SiO2 + Na2O + CaO + MgO + Al2O3 + Fe2O3 = 100",))


@_content
def _moulding(rng: np.random.Generator) -> Content:
    melt, mould, hold = rng.integers(200, 261, 40), rng.integers(30, 81, 40), rng.integers(40, 91, 40)
    cooling = rng.integers(10, 31, 40)
    columns = {
        "Versuch Nr.": np.arange(1, 41),
        "melt temperature": melt,
        "mould temperature": mould,
        "hold pressure": hold,
        "cooling time": cooling,
        "warpage": np.round(1.5 + 0.004 * melt - 0.006 * hold - 0.02 * cooling + rng.normal(0, 0.05, 40), 3),
    }
    return columns, Roles("warpage", labels=("Versuch Nr.",))


@_content
def _coded(rng: np.random.Generator) -> Content:
    X = rng.choice([-1, 0, 1], (27, 4))
    y = np.round(50 + X @ [4, -3, 1, 0] - 5 * X[:, 0] ** 2 + rng.normal(0, 0.7, 27), 2)
    return {"y": y} | {f"x{j + 1}": X[:, j] for j in range(4)}, Roles("y")


@_content
def _welding(rng: np.random.Generator) -> Content:
    current, voltage, feed = rng.integers(120, 241, 36), np.round(rng.uniform(18, 28, 36), 1), rng.integers(4, 13, 36)
    strength = np.round(250 + 0.8 * current + 3 * voltage - 0.002 * (current - 180) ** 2 + rng.normal(0, 6, 36))
    columns = {
        "Sample ID": rng.permutation(np.arange(1, 37)),
        "current": current,
        "voltage": voltage,
        "wire feed": feed,
        "gas": rng.choice(["Ar", "Ar-CO2"], 36),
        "UTS": strength,
        "elongation": np.round(30 - 0.03 * strength + rng.normal(0, 0.6, 36), 1),
    }
    return columns, Roles("UTS", labels=("Sample ID",), others=("elongation",))


@_content
def _two_recipes(rng: np.random.Generator) -> Content:
    a, b, c = _shares(rng, 60, [3, 3, 2], 1)
    acid = rng.integers(10, 91, 60)
    columns = {
        "polyol": a,
        "isocyanate": b,
        "chain extender": c,
        "acid": acid,
        "base": 100 - acid,
        "stirring": rng.integers(200, 900, 60),
        "tensile strength": np.round(10 + 0.2 * a + 0.1 * b - 0.02 * np.abs(acid - 50) + rng.normal(0, 0.4, 60), 2),
    }
    relations = ("polyol + isocyanate + chain extender = 100", "acid + base = 100")
    return columns, Roles("tensile strength", relations=relations)
