"""A sealed graduation file as a web page: portfolio.html and portfolio.css say in HTML
what templates/typst/portfolio.typ says in Typst, word for word."""

import base64
import hashlib
import io
import json
import math
import pathlib
import shutil

import jinja2
import markupsafe
import segno

HERE = pathlib.Path(__file__).parent
TYPST = HERE.parents[1] / "templates/typst"
DOMAINS = ["moral", "academic", "physical", "aesthetic", "labour"]
COLORS = ["#b23a2e", "#2a5aa6", "#3d7317", "#7a4a9e", "#8f5b00"]
PICTURES = {
    "excellent": "ear.svg",
    "good": "jointing.svg",
    "qualified": "seedling.svg",
    "developing": "seed.svg",
}
# The rings of the radar, as src/evaluation/growth.rs draws them.
REACH = {"excellent": 1, "good": 0.75, "qualified": 0.5, "developing": 0.25}
ADDRESS = "http://127.0.0.1:8080/verify"


def day(iso):
    parts = (int(part) for part in iso.split("T")[0].split("-"))
    said = " ".join(f"{n} {unit}" for n, unit in zip(parts, "年月日"))
    return markupsafe.Markup('<span class="whole">{}</span>').format(said)


def moment(iso):
    date, time = iso.split("T")
    year, month, day = (int(part) for part in date.split("-"))
    return f"{year} 年 {month} 月 {day} 日 {time[:5]}"


def fours(digits):
    return " ".join(digits[n : n + 4] for n in range(0, len(digits), 4))


def two_lines(name):
    if len(name) < 4:
        return name
    half = math.ceil(len(name) / 2)
    return markupsafe.Markup("{}<br>{}").format(name[:half], name[half:])


def css_string(words):
    """Inside a style element nothing is unescaped but CSS's own."""
    safe = "".join(c if c.isalnum() or c in "　 ·-" else f"\\{ord(c):x} " for c in words)
    return markupsafe.Markup(f'"{safe}"')


def radar(file):
    """Points of the picture, in millimetres of a drawing of 92 by 70."""
    scheme, terms = file["scheme"], file["terms"]
    turn = [math.tau * n / 5 for n in range(5)]

    def at(n, k):
        return round(46 + 24 * k * math.sin(turn[n]), 2), round(35 - 24 * k * math.cos(turn[n]), 2)

    def corners(bands):
        return [at(n, REACH[bands[d]]) if bands.get(d) else None for n, d in enumerate(DOMAINS)]

    def outline(points, when):
        pairs = zip(points, points[1:] + points[:1])
        lines = [(*a, *b) for a, b in pairs if a and b]
        return {"lines": lines, "points": [p for p in points if p], "when": when}

    def polygon(points):
        return " ".join(f"{x},{y}" for x, y in points)

    now = corners(file["graduation"])
    # The end of the first year, or its beginning where that is without a record.
    first = next((t for t in reversed(terms[:2]) if any(t["bands"].values())), None)
    before = corners(first["bands"]) if first else [None] * 5
    if not any(now) and not any(before):
        return None
    named = []
    for n, domain in enumerate(scheme["domains"]):
        (x, y), wide = at(n, 1), 4.9 + 3.175 * len(domain["name"])
        band = file["graduation"].get(domain["code"])
        if abs(math.cos(turn[n])) > 0.5:
            left, anchor, x = x - wide / 2, "middle", x
            y += -7 if math.cos(turn[n]) > 0 else 5
        elif math.sin(turn[n]) > 0:
            left, anchor, x = x + 2, "start", x + 2
        else:
            left, anchor, x = x - 2 - wide, "end", x - 2
        named.append(
            {
                "x": round(x, 2),
                "y": round(y, 2),
                "left": round(left, 2),
                "anchor": anchor,
                "color": COLORS[n],
                "character": domain["character"],
                "name": domain["name"],
                "word": scheme["bands"][band]["word"] if band else scheme["no_record"],
                "fill": "#0f5f59" if band else "#616d68",
            }
        )
    outlines = []
    if any(before):
        outlines.append(outline(before, "before"))
    outlines.append(outline(now, "now"))
    rings = [
        {
            "points": polygon(at(n, reach) for n in range(5)),
            "word": scheme["bands"][band]["word"],
            "half": 0.5 + 1.3 * len(scheme["bands"][band]["word"]),
            "y": round(35 + 24 * reach * math.cos(math.pi / 5) - 1.8, 2),
        }
        for band, reach in REACH.items()
    ]
    return {
        "rings": rings,
        "axes": [at(n, 1) for n in range(5)],
        "area": polygon(now) if all(now) else None,
        "outlines": outlines,
        "corners": named,
        "compares": any(before),
    }


def qr(file, sha256):
    """A code as large as the real one, whose signature only the county can make."""

    def part(raw):
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    def said(value):
        return part(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    issuer = ADDRESS.removesuffix("/verify")
    header = {"typ": "qinghe-paper", "alg": "ES256", "kid": f"{issuer}#{sha256[:16]}"}
    bands = file["scheme"]["bands"]
    words = {
        "name": file["student"]["name"],
        "school": file["school"]["name"],
        "cohort": file["class"]["cohort"],
        "words": [bands[b]["word"] if b else file["scheme"]["no_record"] for b in file["graduation"].values()],
        "code": file["code"],
        "version": file["version"],
        "iat": 1_781_770_800,
    }
    signature = part(hashlib.sha512(sha256.encode()).digest())
    code = segno.make(f"{ADDRESS}#{said(header)}.{said(words)}.{signature}", error="m", micro=False)
    picture, modules = io.BytesIO(), code.symbol_size(border=0)[0]
    code.save(picture, kind="png", scale=2, border=0)
    return {
        "picture": "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode(),
        "width": round(min(42, max(24, modules * 0.42)), 2),
        "address": ADDRESS,
    }


def chapters(file, facts, subjects, spoken, has_radar):
    """The headings that there are, numbered."""

    def joined(*names):
        return "与".join(name for name, there in names if there)

    compares = any(any(t["bands"].values()) for t in file["terms"][:2])
    growth = has_radar or file.get("growth") or file.get("decided")
    hours = joined(("时长", facts.get("hours")), ("本领", facts.get("skills")))
    fitness = joined(("体质", facts.get("fitness")), ("学科", subjects))
    all_of = [
        ("particulars", "基本情况"),
        ("terms", "五育六学期"),
        ("growth", growth and ("从第一学年到毕业" if compares else "毕业时")),
        ("domains", "五育写实"),
        ("hours", hours),
        ("fitness", fitness),
        ("honours", facts.get("honours") and "荣誉"),
        ("statement", facts.get("statement") and "我的自述"),
        ("teachers", (spoken or file.get("comment")) and "老师的话"),
        ("family", facts.get("family") and "家人的话"),
        ("check", "确认与核验"),
    ]
    there = [(key, title) for key, title in all_of if title]
    numbers = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一"]
    return {key: {"title": title, "number": number} for (key, title), number in zip(there, numbers)}


def particulars(file):
    """Two a row; what is long has a row of its own."""
    student, klass = file["student"], file["class"]
    short = [
        ("姓名", student["name"]),
        ("性别", student["sex"]),
        ("出生", day(student["born_on"])),
        ("班级", f"{klass['name']}　{klass['seat']} 号"),
        ("入学", day(file["entered_on"])),
        ("毕业", day(file["graduates"])),
        ("班主任", file["homeroom"]),
        ("校长", file["principal"]),
    ]
    short = [pair for pair in short if pair[1]]
    rows = [short[n : n + 2] for n in range(0, len(short), 2)]
    school = f"{file['county']}　{file['school']['name']}"
    return rows + [[("学校", school)], [("评价方案", file["scheme"]["name"])]]


class Pages:
    """Writes pages, with all that they show, into one folder."""

    def __init__(self, folder):
        self.folder = folder
        around = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True
        )
        around.filters.update(day=day, fours=fours, two_lines=two_lines)
        self.page = around.get_template("portfolio.html")
        shutil.copy(HERE / "portfolio.css", folder)
        for name in [*PICTURES.values(), "cover.svg"]:
            shutil.copy(TYPST / name, folder)

    def write(self, sealed):
        """`sealed`: the path of a sealed file. The path of its page."""
        raw = sealed.read_bytes()
        file, sha256 = json.loads(raw), hashlib.sha256(raw).hexdigest()
        terms, facts = file["terms"], file.get("facts") or {}
        subjects = facts.get("subjects")
        if subjects and not any(band for term in subjects["terms"] for band in term):
            subjects = None
        spoken, picture = [t for t in terms if t.get("comment")], radar(file)
        there = chapters(file, facts, subjects, spoken, picture)
        half = math.ceil(len(there) / 2)
        html = self.page.render(
            file=file,
            student=file["student"],
            scheme=file["scheme"],
            terms=terms,
            facts=facts,
            subjects=subjects,
            spoken=spoken,
            radar=picture,
            chapters=there,
            contents=[list(there)[:half], list(there)[half:]],
            particulars=particulars(file),
            grades=list(dict.fromkeys(term["grade"] for term in terms)),
            gaps=[t for t in terms if t.get("gap")],
            paper=[t for t in terms if t.get("origin") == "paper"],
            bands=sorted(file["scheme"]["bands"], key=REACH.get),
            pictures=PICTURES,
            hands=[("学生", file["student"]["name"]), ("班主任", file["homeroom"]), ("校长", file["principal"])],
            version=f"第 {file['version']} 版",
            sealed_at=moment(file["sealed"]["at"]),
            sha256=sha256,
            running=css_string(f"{file['student']['name']}　{file['school']['name']}"),
            edge=markupsafe.Markup('font: 7.5pt "Noto Sans CJK SC"; color: #616d68;'),
            qr=qr(file, sha256),
        )
        path = self.folder / f"{sealed.stem}.html"
        path.write_text(html)
        return path
