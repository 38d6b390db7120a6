"""The look of the practice servers' pages: one card in the middle, light and dark, no scripts."""

from __future__ import annotations

from html import escape

from .people import PEOPLE

_STYLE = """
:root { color-scheme: light dark; --ground: #f4f5f8; --card: #fff; --ink: #14171f;
  --quiet: #5d6575; --line: #dfe3ea; --accent: ACCENT; --on: #fff; --wash: #f7f8fa }
@media (prefers-color-scheme: dark) { :root { --ground: #0f1116; --card: #191c23; --ink: #eef0f4;
  --quiet: #9aa3b2; --line: #2b303b; --wash: #20242d } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px;
  background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Cantarell, "Noto Sans", sans-serif }
main { width: 100%; max-width: 420px; background: var(--card); border: 1px solid var(--line);
  border-radius: 16px; padding: 36px; box-shadow: 0 12px 40px rgb(15 23 42 / .08) }
.brand { display: flex; align-items: center; gap: 10px; font-weight: 600; margin-bottom: 28px }
.brand i { width: 28px; height: 28px; border-radius: 8px; background: var(--accent);
  display: grid; place-items: center; color: var(--on); font-style: normal; font-size: 15px }
h1 { font-size: 23px; line-height: 1.25; margin: 0 0 6px; letter-spacing: -.01em }
p { margin: 0 0 22px; color: var(--quiet) } b { color: var(--ink) }
label { display: block; font-weight: 500; margin-bottom: 16px }
input { display: block; width: 100%; margin-top: 6px; padding: 11px 13px; font: inherit;
  color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 10px }
input:focus { outline: 2px solid var(--accent); outline-offset: 1px; border-color: transparent }
button, .button { display: block; width: 100%; padding: 12px; border: 0; border-radius: 10px;
  font: inherit; font-weight: 600; cursor: pointer; background: var(--accent); color: var(--on);
  text-align: center; text-decoration: none }
button:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px }
button.plain { background: transparent; color: var(--ink); border: 1px solid var(--line) }
.row { display: flex; gap: 12px; flex-direction: row-reverse }
.hint { margin: 22px 0 0; padding: 12px 14px; border-radius: 10px; background: var(--wash);
  font-size: 13.5px }
.problem { margin: 0 0 16px; padding: 11px 14px; border-radius: 10px; font-weight: 500;
  background: #fdecec; color: #a11212 }
ul { list-style: none; margin: 0 0 24px; padding: 0; border: 1px solid var(--line);
  border-radius: 12px }
li { padding: 12px 14px 12px 40px; position: relative }
li + li { border-top: 1px solid var(--line) }
li::before { content: "\\2713"; position: absolute; left: 15px; color: var(--accent);
  font-weight: 700 }
.who { display: flex; align-items: center; gap: 12px; padding: 10px 14px; margin-bottom: 20px;
  border-radius: 12px; background: var(--wash) }
.who span { width: 36px; height: 36px; border-radius: 50%; display: grid; place-items: center;
  color: #fff; font-weight: 600; font-size: 13px }
.who small { display: block; color: var(--quiet) }
"""


def page(title: str, brand: str, accent: str, content: str, *, head: str = "") -> str:
    """A whole page; `content` and `head` are HTML, the rest text; `accent` a CSS colour."""
    style = _STYLE.replace("ACCENT", accent)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} - {escape(brand)}</title><style>{style}</style>{head}</head>"
        f'<body><main><div class="brand"><i>{escape(brand[0])}</i>{escape(brand)}</div>'
        f"{content}</main></body></html>"
    )


def hidden(fields: dict[str, str]) -> str:
    """Form fields that a person does not see."""
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )


def problem_note(problem: str) -> str:
    return f'<div class="problem" role="alert">{escape(problem)}</div>' if problem else ""


def who(login: str) -> str:
    """The line that shows who is signed in."""
    person = PEOPLE[login]
    red, green, blue = person.colour
    return (
        f'<div class="who"><span style="background:rgb({red},{green},{blue})">'
        f"{escape(person.initials)}</span><div><b>{escape(person.name)}</b>"
        f"<small>{escape(person.email)}</small></div></div>"
    )
