"""A service with scans and accounts, and what a hand does on its pages."""
import json
import subprocess
import tempfile
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError

from peer import DXA, check, end, free_port, wait, wait_for

PASSWORD = "correct horse battery"


@contextmanager
def desk(roles, write):
    """A service where these accounts log in, a token of a technologist, and the studies that `write` makes in a folder."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        port = free_port()
        config = folder / "dxa.toml"
        config.write_text(
            f'[store]\ndata = "{folder / "store"}"\nreserve_bytes = 0\n'
            f'[http]\nlisten = "127.0.0.1:{port}"\n[dimse]\nlisten = "127.0.0.1:{free_port()}"\n'
            '[study]\nquiet_seconds = 0.2\n[work]\ndeadline_seconds = 300\n[auth]\nmode = "accounts"\n'
        )
        service = subprocess.Popen([DXA, "serve", "--config", str(config)])
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}/readyz", service)
            token = accounts(config, roles)
            yield address, token, store(address, token, write(folder))
        except PlaywrightError as error:
            check(False, f"the reading stopped: {error}")
        finally:
            end(service)


def accounts(config, roles):
    """An account for each name; gives a token of a technologist."""
    for name, role in roles.items():
        add = [DXA, "account", "add", name, "--role", role, "--config", str(config)]
        subprocess.run(add, input=PASSWORD.encode(), check=True, stdout=subprocess.DEVNULL)
    sender = next(name for name, role in roles.items() if role == "technologist")
    issue = [DXA, "token", "add", sender, "--scope", "read store correct", "--config", str(config)]
    return subprocess.run(issue, check=True, capture_output=True, text=True).stdout.strip()


def ask(address, token, path, body=None, kind=None, method=None, tag=None):
    headers = {"Authorization": f"Bearer {token}"}
    if kind:
        headers["Content-Type"] = kind
    if tag:
        headers["If-Match"] = tag
    request = urllib.request.Request(f"{address}{path}", data=body, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.headers.get("ETag"), json.load(answer)


def store(address, token, scans):
    """Sends every file and waits until every study has a result, first of all an earlier visit; gives UIDs by name."""
    earlier = {name: scan for name, scan in scans.items() if name == "earlier"}
    for some in (earlier, {name: scan for name, scan in scans.items() if name != "earlier"}):
        for scan in some.values():
            for file in scan.files:
                body = b"--XX\r\nContent-Type: application/dicom\r\n\r\n" + file.read_bytes() + b"\r\n--XX--\r\n"
                ask(address, token, "/dicom-web/studies", body, 'multipart/related; type="application/dicom"; boundary=XX')
        wait(lambda: analyzed(address, token, some), 400, "not every study is analyzed")
    return {name: scan.study for name, scan in scans.items()}


def analyzed(address, token, scans):
    _, listed = ask(address, token, "/api/v1/studies?limit=100")
    states = {study["instance_uid"]: (study["state"], study["result"]) for study in listed["studies"]}
    return all(states.get(scan.study, ("", None))[0] == "analyzed" for scan in scans.values())


def open_study(page, uid, query=""):
    page.goto(f"/studies/{uid}{query}")
    opened(page)


def opened(page):
    """Waits until a study is shown and its scripts answer keys: a key before that is lost."""
    page.wait_for_selector("#study")
    page.wait_for_load_state("load")


def version(page):
    return int(page.locator("[data-part=head]").get_attribute("data-tag").strip('"').split(".")[0])


def changed(page, before, what):
    """Waits until the page shows a newer version."""
    wait(lambda: version(page) > before, 120, f"{what}: no newer version is shown")
    page.wait_for_function("document.getElementById('said').textContent.match(/[0-9]/)")


def points_of(page, level):
    return page.evaluate(
        """(level) => Object.fromEntries([...document.querySelectorAll(`.body[data-level="${level}"] .handle`)]
           .map((handle) => [handle.dataset.point, [Number(handle.dataset.x), Number(handle.dataset.y)]]))""", level)


def move_to(page, level, name, x, y, steps=6):
    """Drags a point of a vertebra to a place of the image, as a hand does."""
    page.evaluate("document.getElementById('picture').scrollIntoView({ block: 'center' })")
    place = page.evaluate(
        """([level, name, x, y]) => {
            const handle = document.querySelector(`.body[data-level="${level}"] [data-point=${name}]`);
            const svg = document.getElementById('picture');
            const seen = (x, y) => { const p = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM()); return [p.x, p.y]; };
            const at = handle.getBoundingClientRect();
            return { from: [at.x + at.width / 2, at.y + at.height / 2], to: seen(x, y * Number(svg.dataset.stretch)) };
        }""", [level, name, x, y])
    page.mouse.move(*place["from"])
    page.mouse.down()
    page.mouse.move(*place["to"], steps=steps)
    return lambda: page.mouse.up()


def anterior_for(points, loss):
    """Where the anterior superior point must lie for the anterior height to be so much less than the posterior."""
    length = lambda a, b: sum((p - q) ** 2 for p, q in zip(points[a], points[b])) ** 0.5
    wanted = (1 - loss) * length("ps", "pi")
    upper, lower = points["as"], points["ai"]
    share = wanted / length("as", "ai")
    return [low + (up - low) * share for up, low in zip(upper, lower)]


def grade(page, level):
    return page.locator(f'table.vertebrae tr[data-level="{level}"] [data-cell=grade]').inner_text().strip()[:1]
