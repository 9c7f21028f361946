"""A second evaluator, written from the text of the specification and nothing else.

It shares no line, no table and no way of working with hotline.screening: sets and sentences here,
bits there. Where the two differ, one of them has misread the text.
"""

# adult column, child column; "-" is not in that list
WEIGHTS = """
DEC.job          S S
DEC.wages        M M
DEC.conditions   M M
DEC.contract     M M
DEC.housing      M M
DEC.legal        M M
DEC.travel       M M
DEC.marriage     M M
COE.violence     S S
COE.threats      M S
COE.sold         M S
COE.debt         M S
COE.docs         M M
COE.isolation    M M
COE.family       M M
RAV.info         M M
RAV.control      M M
RAV.econ         M M
RAV.legal        M M
RAV.emotional    M M
EXP.hours        S S
EXP.lowpay       M M
EXP.manip        M M
EXP.living       M M
EXP.hazard       M M
EXP.law          M M
EXP.social       M -
EXP.special      S S
COD.docs         S S
COD.debt         S S
COD.isolation    S S
COD.violence     S S
COD.threats      M S
COD.family       M M
COD.denounce     M M
COD.inform       W M
COD.wages        M M
COD.tasks        M S
COD.illicit      M S
COD.peers        M M
COD.lie          M M
AVD.dependency   M M
AVD.area         M M
AVD.econ         M M
AVD.family       M M
AVD.legal        M M
"""

# item, then its codes; what stands after "=" fires
CODES = """
A1  y n
A2  hurt locked medical suicidal none s
A3  minor adult s
B01  y n=RAV.info u=RAV.info
B02  y=DEC.job n u
B03  y=DEC.wages n u
B04  y n=DEC.contract u
B05  y n=DEC.travel u
B06  y=DEC.legal n u
B07  y=COE.debt n u
B08  y=COE.docs n u
B09  no threat=COE.threats family=COE.family violence=COE.violence held=COE.isolation sold=COE.sold u s
B10  y=RAV.control n u
B11  marriage=DEC.marriage+RAV.emotional close=RAV.emotional n u
B12  econ=RAV.econ legal=RAV.legal n u
C01  y=DEC.job n u
C02  pay=DEC.wages conditions=DEC.conditions housing=DEC.housing contract=DEC.contract legal=DEC.legal none u
C03  y=EXP.hours n u
C04  low=EXP.lowpay manip=EXP.manip hold=COD.wages ok u
C05  hazard=EXP.hazard living=EXP.living law=EXP.law social=EXP.social none u
C06  y=COD.docs n u
C07  y n=COD.isolation u
C08  y=COD.debt n u
C09  hurt=COD.violence threat=COD.threats family=COD.family police=COD.denounce shame=COD.inform none u s
C10  sex=COD.tasks+EXP.special beg=COD.illicit+EXP.special crime=COD.illicit+EXP.special war=COD.tasks+EXP.special marriage=COD.tasks+EXP.special tasks=COD.tasks peers=COD.peers lie=COD.lie none u s
C11  legal=AVD.legal area=AVD.area dep=AVD.dependency econ=AVD.econ fam=AVD.family none u
"""

SIX = ["DEC", "COE", "RAV", "EXP", "COD", "AVD"]
weights = {sign: (adult, child) for sign, adult, child in map(str.split, WEIGHTS.split("\n")[1:-1])}
codes = {}
for row in CODES.split("\n")[1:-1]:
    item, *cells = row.split()
    codes[item] = {}
    for cell in cells:
        code, _, signs = cell.partition("=")
        codes[item][code] = signs.split("+") if signs else []


def as_list(value):
    return [value] if isinstance(value, str) else list(value)


def problem(answers):
    """True when the record must be refused (8.1, 9)."""
    for item, value in answers.items():
        if item not in codes:
            return True
        if not isinstance(value, str | list):
            return True
        for code in as_list(value):
            if not isinstance(code, str) or code not in codes[item]:
                return True
    return False


def evaluate(stage, ctx, answers):
    given = {item: as_list(value) for item, value in answers.items()}

    # 8.2 flags
    child = given.get("A3", []) == ["minor"]
    now = ctx.get("returned") is not True
    soon = ctx.get("departs_within_48h") is True
    sexual_services = "sex" in given.get("C10", [])

    # 8.3 fired
    fired = set()
    for item, list_of_codes in given.items():
        for code in list_of_codes:
            fired.update(codes[item][code])

    # 8.4 counts
    tally = {dimension: {"S": 0, "M": 0, "W": 0} for dimension in SIX}
    for sign in fired:
        weight = weights[sign][1 if child else 0]
        if sign == "COD.tasks" and sexual_services:
            weight = "S"
        if weight != "-":
            tally[sign[:3]][weight] += 1

    # 8.5 and 3.3
    def is_positive(n):
        two_strong = n["S"] >= 2
        strong_and_more = n["S"] >= 1 and (n["M"] >= 1 or n["W"] >= 1)
        three_medium = n["M"] >= 3
        two_medium_and_weak = n["M"] >= 2 and n["W"] >= 1
        return two_strong or strong_and_more or three_medium or two_medium_and_weak

    positive = [dimension for dimension in SIX if is_positive(tally[dimension])]
    means = [dimension for dimension in positive if dimension != "EXP"]
    exploitation = "EXP" in positive
    in_coe = [sign for sign in fired if sign.startswith("COE")]
    in_cod = [sign for sign in fired if sign.startswith("COD")]

    # 8.6
    if stage != "C":
        palermo = "n/a"
    elif child:
        palermo = exploitation
    else:
        palermo = exploitation and len(means) > 0

    # 8.7, first row that fits
    dec_or_coe = "DEC" in positive or "COE" in positive
    if stage != "C":
        ilo = "not_applicable"
    elif child and exploitation:
        ilo = "child_trafficking_indicated"
    elif not exploitation:
        ilo = "not_indicated"
    elif dec_or_coe and "COD" in positive:
        ilo = "trafficking_forced_labour"
    elif dec_or_coe:
        ilo = "deception_or_coercion_plus_exploitation"
    elif "COD" in positive:
        ilo = "exploitation_plus_coercion_at_destination"
    else:
        ilo = "exploited_migrant"

    # 8.8
    determined = 0
    if stage is not None:
        for number in range(1, 11):
            item = f"{stage}{number:02}"
            for code in given.get(item, []):
                if code not in ("u", "s") or codes[item][code]:
                    determined += 1
                    break

    # 8.9
    true = []

    def rule(name, condition):
        if condition:
            true.append(name)

    def any_fired(*signs):
        return any(sign in fired for sign in signs)

    def any_true(letter):
        return any(name.startswith(letter) for name in true)

    rule("H1", palermo is True)
    rule("H2", "COD" in positive)
    rule("H3", "EXP.special" in fired)
    rule("H4", any_fired("COD.violence", "COE.violence", "COE.sold"))
    recruitment = [d for d in ("DEC", "COE", "RAV") if d in positive]
    rule("H5", stage == "B" and ("COE" in positive or len(recruitment) >= 2))
    rule("H6", child and len(fired) >= 1)
    rule("M1", not child and exploitation and not means)
    rule("M2", any(d in positive for d in ("DEC", "RAV", "AVD")))
    rule("M3", any_fired("COD.docs", "COD.debt", "COD.isolation"))
    rule("M4", len(in_coe) >= 2)
    rule("M5", child)
    rule("H7", stage == "B" and soon and any_true("M") and not any_true("H"))
    rule("I1", any(c in given.get("A2", []) for c in ("hurt", "locked", "medical", "suicidal")))
    rule(
        "I2",
        now
        and "COD.isolation" in fired
        and any_fired("COD.docs", "COD.violence", "COD.debt", "EXP.special"),
    )
    rule("I3", now and "COD.violence" in fired and any_fired("COD.docs", "COD.debt", "EXP.special"))
    of_a_child = any_fired("EXP.special", "COE.violence", "COE.sold") or in_cod or exploitation
    rule("I4", child and now and of_a_child)
    six = [name for name in true if name in ("H1", "H2", "H3", "H4", "H5", "H6")]
    rule("I5", stage == "B" and soon and six)
    rule("L1", fired and determined >= 6)
    rule("N1", not fired and determined >= 8)
    rule("U1", not true)

    # 8.11
    groups = [
        ("IMMEDIATE", "I"),
        ("HIGH", "H"),
        ("MEDIUM", "M"),
        ("LOW", "L"),
        ("NONE", "N"),
        ("UNCLEAR", "U"),
    ]
    level, letter = next((level, letter) for level, letter in groups if any_true(letter))
    why = sorted(name for name in true if name.startswith(letter))

    result = {
        "level": level,
        "why": why,
        "positive": sorted(positive),
        "ilo": ilo,
        "palermo": palermo,
        "dimensions": {d: {**tally[d], "positive": is_positive(tally[d])} for d in SIX},
        "fired": sorted(fired),
        "share": determined / 10,
    }
    # 8.10
    if given.get("A1", []) == ["n"]:
        result["action"] = "QUIET"
        if any_true("I"):
            result["why"] = [*why, "Q1"]
        else:
            result |= {"level": "UNCLEAR", "why": ["Q1"], "positive": []}
            result |= {"ilo": "not_applicable", "palermo": "n/a"}
    return result
