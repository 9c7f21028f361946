"""Full records without any sign, to start a case from."""

OFFER = {
    "A1": "y",
    "A2": "none",
    "A3": "adult",
    "B01": "y",
    "B02": "n",
    "B03": "n",
    "B04": "y",
    "B05": "y",
    "B06": "n",
    "B07": "n",
    "B08": "n",
    "B09": "no",
    "B10": "n",
}
WORK = {
    "A1": "y",
    "A2": "none",
    "A3": "adult",
    "C01": "n",
    "C02": "none",
    "C03": "n",
    "C04": "ok",
    "C05": "none",
    "C06": "n",
    "C07": "y",
    "C08": "n",
    "C09": "none",
    "C10": "none",
    "C11": "none",
}


def without(record, *items):
    return {name: code for name, code in record.items() if name not in items}
