"""Somebody at a browser without pictures: follows links, fills in forms, keeps cookies.

Cookies are kept by hand, because the server is told that it stands behind https and a client on
loopback would rightly not send secure cookies back.
"""

import re
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pyotp

_REDIRECTS = 5
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_SECRET = re.compile(r'<p class="mono">([A-Z2-7 ]+)</p>')


@dataclass
class Page:
    """What came back in the end, and under which address."""

    status: int
    path: str
    html: str

    @property
    def text(self) -> str:
        """The words on the page, without tags; hidden fields are left out."""
        body = re.sub(r"(?s)<(script|style|template).*?</\1>", " ", self.html)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))

    def part(self, heading: str) -> "Page":
        """The section with this heading."""
        rest = self.html.split(f'id="{heading}"', 1)
        assert len(rest) == 2, f"{self.path} has no part {heading}"
        return Page(self.status, self.path, rest[1].split("</section>", 1)[0])

    def value(self, name: str) -> str:
        """The value that a hidden field of the page carries."""
        found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', self.html)
        assert found, f"{self.path} has no field {name}"
        return unescape(found[1])

    def link(self, pattern: str) -> str:
        """The first link or form whose address matches."""
        found = re.search(rf'(?:href|action)="({pattern})"', self.html)
        assert found, f"{self.path} has no link {pattern}"
        return unescape(found[1])


@dataclass
class Visitor:
    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    page: Page = field(default_factory=lambda: Page(0, "", ""))
    secret: str = ""

    async def get(self, path: str) -> Page:
        return await self._go("GET", path, None)

    async def post(self, path: str, **fields: Any) -> Page:
        """Sends a form of the page that is open, with its token."""
        token = _CSRF.search(self.page.html)
        assert token, f"{self.page.path} has no form"
        return await self._go("POST", path, {"csrf": token[1], **fields})

    async def _go(self, method: str, path: str, form: dict[str, Any] | None) -> Page:
        async with httpx.AsyncClient(
            base_url=self.address, timeout=30.0, trust_env=False
        ) as client:
            for _ in range(_REDIRECTS):
                header = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
                answer = await client.request(
                    method, path, data=form, headers={"cookie": header} if header else {}
                )
                self._keep(answer)
                if not answer.is_redirect:
                    break
                method, path, form = "GET", answer.headers["location"], None
        self.page = Page(answer.status_code, path, answer.text)
        return self.page

    def _keep(self, answer: httpx.Response) -> None:
        for line in answer.headers.get_list("set-cookie"):
            for name, one in SimpleCookie(line).items():
                if one["max-age"] == "0" or not one.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = one.value

    async def first_sign_in(self, login: str, password: str, new_password: str) -> Page:
        """Password, second factor set up with its first code, a password of one's own."""
        await self.get("/sign-in")
        shown = await self.post("/sign-in", login=login, password=password)
        assert shown.path == "/sign-in/enrol", f"{shown.status} at {shown.path}"
        found = _SECRET.search(shown.html)
        assert found, "no secret to set up"
        self.secret = found[1].replace(" ", "")
        shown = await self.post("/sign-in/enrol", code=pyotp.TOTP(self.secret).now())
        assert shown.status == 200, shown.text
        await self.get("/account/password")
        return await self.post(
            "/account/password", password=password, new=new_password, again=new_password
        )
