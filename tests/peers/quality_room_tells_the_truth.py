"""The quality room says of simulated scanners what numpy and scipy say of the same scans, to those who may know.

DXA_PICTURES names a folder for pictures of the page, those of docs/quality-room.md.
"""
import csv
import io
import json
import socket
import sqlite3
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pydicom
from playwright.sync_api import Error as PlaywrightError
from pydicom.uid import generate_uid
from pynetdicom import AE, StoragePresentationContexts, evt
from scipy import stats

from peer import DXA, check, end, finish, free_port, wait, wait_for
from peer.browser import Browser, picture
from peer.quality_scans import HOSTILE, ONE, OTHER, PEOPLE, SITES, TILTED, write_scans

PASSWORD = "correct horse battery"
ROLES = {"chen": "physician", "li": "viewer", "zhou": "researcher", "sun": "administrator"}
DAYS = "from=2024-03-01&to=2024-05-31"
BASELINE, LIMIT, K, H = 10, 1.5, 0.5, 5.0


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        archive = Archive()
        port, dicom = free_port(), free_port()
        config = folder / "dxa.toml"
        config.write_text(
            f'[store]\ndata = "{folder / "store"}"\nreserve_bytes = 0\n'
            f'[http]\nlisten = "127.0.0.1:{port}"\n[dimse]\nlisten = "127.0.0.1:{dicom}"\n'
            '[study]\nquiet_seconds = 0.2\n[work]\ndeadline_seconds = 300\n[auth]\nmode = "accounts"\n'
            "[deliver]\n"
            f'dicom = [{{ name = "pacs", ae_title = "PACS", address = "127.0.0.1:{archive.port}", send = ["sr"] }}]\n'
            f'stow = [{{ name = "<i>nobody", url = "http://127.0.0.1:{free_port()}/dicom-web", send = ["sr"] }}]\n'
        )
        service = subprocess.Popen([DXA, "serve", "--config", str(config)])
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}/readyz", service)
            tokens = accounts(config)
            ask = Asker(address, tokens)
            with Browser(address) as browser:
                nothing_yet(browser, ask)
                made = write_scans(folder)
                send(dicom, made)
                mismatched = two_patients(folder, dicom)
                results = wait_for_results(ask, made)
                room = ask.json(f"/api/v1/quality?{DAYS}")
                scanners(room, made)
                agreement(room, made, results)
                phantoms(room, made)
                precision(room, made)
                checks(room, made, results)
                service_itself(ask, archive, folder, made, mismatched)
                as_the_batch(folder, made, room)
                tables(ask, room)
                periods(ask)
                roles(ask, browser)
                read(browser, room, archive)
        except PlaywrightError as error:
            check(False, f"the reading stopped: {error}")
        finally:
            archive.end()
            end(service)
    finish("numbers and properties of the quality room")


class Archive:
    """An archive of pynetdicom that takes everything and counts it."""

    def __init__(self):
        self.port, self.taken = free_port(), []
        entity = AE(ae_title="PACS")
        for context in StoragePresentationContexts:
            entity.add_supported_context(context.abstract_syntax)
        # Enhanced and Comprehensive SR are among more contexts than one association may have.
        for uid in ("1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.88.34"):
            entity.add_supported_context(uid)
        self.server = entity.start_server(("127.0.0.1", self.port), block=False, evt_handlers=[(evt.EVT_C_STORE, self.take)])

    def take(self, event):
        self.taken.append(event.request.AffectedSOPInstanceUID)
        return 0x0000

    def end(self):
        self.server.shutdown()


class Asker:
    """Requests with the token of a role, or of scopes."""

    def __init__(self, address, tokens):
        self.address, self.tokens = address, tokens

    def open(self, path, who="sun"):
        request = urllib.request.Request(f"{self.address}{path}", headers={"Authorization": f"Bearer {self.tokens[who]}"})
        return urllib.request.urlopen(request, timeout=120)

    def json(self, path, who="sun"):
        with self.open(path, who) as answer:
            return json.load(answer)

    def status(self, path, who):
        try:
            with self.open(path, who) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code


def accounts(config):
    """One account for each role, a token each, and one that may only see how the service does."""
    tokens = {}
    issue = lambda name, scope: subprocess.run(
        [DXA, "token", "add", name, "--scope", scope, "--config", str(config)], check=True, capture_output=True, text=True
    ).stdout.strip()
    scopes = {"chen": "read", "li": "read", "zhou": "read-deidentified", "sun": "read store operate"}
    for name, role in ROLES.items():
        add = [DXA, "account", "add", name, "--role", role, "--config", str(config)]
        subprocess.run(add, input=PASSWORD.encode(), check=True, stdout=subprocess.DEVNULL)
        tokens[name] = issue(name, scopes[name])
    tokens["monitor"] = issue("sun", "operate")
    return tokens


def nothing_yet(browser, ask):
    room = ask.json("/api/v1/quality")
    check(room["scanners"] == [] and room["from"] is None and room["schema"] == "dxa.quality/1", f"empty: {room}")
    with browser.reader("li", PASSWORD) as page:
        page.goto("/quality")
        check(page.locator(".nothing").is_visible(), "an empty room does not say that it is empty")
        check(page.locator("section.scanner, .plot").count() == 0, "an empty room shows a scanner")
        browser.check_accessible(page, "empty room")


def send(port, made):
    """Sends every object by C-STORE."""
    objects = [pydicom.dcmread(one.file) for one in made]
    entity = AE(ae_title="SENDER")
    for uid in {str(one.SOPClassUID) for one in objects}:
        entity.add_requested_context(uid)
    association = entity.associate("127.0.0.1", port, ae_title="DXA")
    check(association.is_established, "the service takes no association")
    for one in objects:
        check(association.send_c_store(one).Status == 0x0000, "an object is not taken")
    association.release()


def two_patients(folder, port):
    """The same study under two Patient IDs, which is set aside."""
    study, files = generate_uid(), []
    for at in range(2):
        data = pydicom.dcmread(Path(__file__).parents[2] / "test-scans/07-hologic-spine.dcm")
        data.StudyInstanceUID, data.PatientID = study, f"X-{at}"
        data.SeriesInstanceUID, data.SOPInstanceUID = generate_uid(), generate_uid()
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
        data.save_as(folder / f"mismatch-{at}.dcm")
        files.append(data)
    entity = AE(ae_title="SENDER")
    entity.add_requested_context(files[0].SOPClassUID)
    association = entity.associate("127.0.0.1", port, ae_title="DXA")
    for one in files:
        association.send_c_store(one)
    association.release()
    return study


def wait_for_results(ask, made):
    """The result of every study."""
    def analyzed():
        listed = ask.json("/api/v1/studies?limit=500")["studies"]
        states = {one["instance_uid"]: one["state"] for one in listed}
        return all(states.get(one.study) == "analyzed" for one in made) and "failed" in states.values()

    wait(analyzed, 500, "not every study is analyzed")
    return {one.study: ask.json(f"/api/v1/studies/{one.study}")["studies"][0] for one in made}


def near(found, expected, what, tolerance=1e-9):
    is_near = found is not None and abs(found - expected) <= tolerance * max(1.0, abs(expected))
    check(is_near, f"{what}: {found}, computed apart {expected}")


def near_all(found, expected, what):
    check(found is not None and len(found) == len(expected), f"{what}: {found}")
    for one, other in zip(found or [], expected):
        near(one, other, what)


def of_scanner(room, scanner):
    return next(one for one in room["scanners"] if one["model"] == scanner.model)


def scanners(room, made):
    check(len(room["scanners"]) == 2, f"{len(room['scanners'])} scanners are told apart, not 2")
    for scanner in (ONE, OTHER):
        found = of_scanner(room, scanner)
        named = (found["manufacturer"], found["station"], found["serial"])
        check(named == ("HOLOGIC", scanner.station, scanner.serial or None), f"{scanner}: {named}")
        people = sum(one.scanner == scanner and not one.is_phantom for one in made)
        check(found["scans"] == people, f"{found['scans']} scans of people, not {people}")


def pairs_of(made, results):
    """Ours beside what was written into the object, by quantity and site."""
    pairs = defaultdict(list)
    for one in made:
        regions = results[one.study]["regions"]
        for region in regions:
            if region["provenance"] == "computed" and not one.is_phantom and region["site"] in one.device:
                area, bmc, bmd = one.device[region["site"]]
                pairs["area_cm2", region["site"]].append((region["area_cm2"], area))
                pairs["bmc_g", region["site"]].append((region["bmc_g"], bmc))
                pairs["bmd_g_cm2", region["site"]].append((region["bmd_g_cm2"], bmd))
    return pairs


def agreement(room, made, results):
    pairs = pairs_of(made, results)
    check(len(pairs) == 3 * len(SITES), f"pairs of {sorted(pairs)}")
    rows = {(row["quantity"], row["site"]): row for row in of_scanner(room, ONE)["agreement"]}
    check(of_scanner(room, OTHER)["agreement"] == [], "a scanner without pixels agrees")
    check({key for key in rows if key[0] not in "TZ"} == set(pairs), f"rows of {sorted(rows)}")
    for key, values in pairs.items():
        row, what = rows[key], f"agreement of {key}"
        ours, theirs = np.array(values).T
        difference = ours - theirs
        n, bias, sd = len(values), difference.mean(), difference.std(ddof=1)
        t = stats.t.ppf(0.975, n - 1)
        check(row["n"] == n == PEOPLE, f"{what}: n {row['n']}")
        near(row["bias"], bias, f"{what}, bias")
        near_all(row["bias_interval"], stats.t.interval(0.95, n - 1, bias, stats.sem(difference)), f"{what}, bias interval")
        near(row["sd"], sd, f"{what}, sd")
        near_all(row["limits"], [bias - 1.96 * sd, bias + 1.96 * sd], f"{what}, limits")
        half = t * np.sqrt(3 * sd**2 / n)
        for name, limit in (("lower_limit_interval", bias - 1.96 * sd), ("upper_limit_interval", bias + 1.96 * sd)):
            near_all(row[name], [limit - half, limit + half], f"{what}, {name}")
        near(row["rmse"], np.sqrt((difference**2).mean()), f"{what}, rmse")
        near(row["r"], stats.pearsonr(ours, theirs).statistic, f"{what}, r")


def in_time(made, **wanted):
    chosen = [one for one in made if all(getattr(one, name) == value for name, value in wanted.items())]
    return sorted(chosen, key=lambda one: one.day)


def phantoms(room, made):
    charts = {(one["phantom"], one["site"], one["source"]): one for one in of_scanner(room, ONE)["phantoms"]}
    check(of_scanner(room, OTHER)["phantoms"] == [], "a scanner without a phantom has a chart")
    wanted = {(phantom, site, "device_reported") for phantom in ("QA <b>1</b>", "QA-2") for site in SITES[:2]}
    check(set(charts) == wanted, f"charts of {sorted(charts)}")
    signals = Counter()
    for site in SITES[:2]:
        chart = charts["QA <b>1</b>", site, "device_reported"]
        scans = in_time(made, patient="QA <b>1</b>")
        values = np.array([one.device[site][2] for one in scans])
        mean, sd = values[:BASELINE].mean(), values[:BASELINE].std(ddof=1)
        what = f"phantom at {site}"
        check(chart["n"] == len(values) == len(chart["points"]) == 24, f"{what}: {chart['n']} scans")
        near(chart["mean"], mean, f"{what}, mean")
        near(chart["sd"], sd, f"{what}, sd")
        near_all(chart["limits"], [mean * (1 - LIMIT / 100), mean * (1 + LIMIT / 100)], f"{what}, limits")
        near_all(chart["control_limits"], [mean - 3 * sd, mean + 3 * sd], f"{what}, control limits")
        upper = lower = 0.0
        for at, (point, value, scan) in enumerate(zip(chart["points"], values, scans)):
            where = f"{what} on {scan.day}"
            check((point["day"], point["study"]) == (scan.day, scan.study), f"{where}: {point['day']}")
            near(point["bmd_g_cm2"], value, where)
            near(point["deviation_percent"], 100 * (value - mean) / mean, f"{where}, deviation", 1e-8)
            expected = [code for code, is_broken in (
                ("limit", abs(value / mean - 1) > LIMIT / 100), ("three_sd", abs(value - mean) > 3 * sd)) if is_broken]
            if at < BASELINE:
                check(point["cusum_upper"] is None and point["cusum_lower"] is None, f"{where}: a sum in the baseline")
            else:
                score = (value - mean) / sd
                upper, lower = max(0.0, upper + score - K), max(0.0, lower - score - K)
                near(point["cusum_upper"], upper, f"{where}, upper sum", 1e-8)
                near(point["cusum_lower"], lower, f"{where}, lower sum", 1e-8)
                expected += ["cusum"] if max(upper, lower) > H else []
            check(point["signals"] == expected, f"{where}: {point['signals']}, computed apart {expected}")
            signals.update(expected)
        young = charts["QA-2", site, "device_reported"]
        check(young["n"] == 3 and young["mean"] is None, f"three scans make a baseline at {site}")
        check(all(point["signals"] == [] for point in young["points"]), "a phantom without a baseline is judged")
    check(signals["cusum"] > 0, "the drift was made too small to be seen")


def precision(room, made):
    """Pooled by degrees of freedom over people and days with two different scans or more."""
    for scanner in (ONE, OTHER):
        rows = {(row["site"], row["source"]): row for row in of_scanner(room, scanner)["precision"]}
        for site in SITES:
            groups = defaultdict(set)
            for one in made:
                if one.scanner == scanner and not one.is_phantom:
                    groups[one.patient, one.day].add(one.device[site])
            repeated = [np.array([numbers[2] for numbers in group]) for group in groups.values() if len(group) > 1]
            row = rows.pop((site, "device_reported"), None)
            if not repeated:
                check(row is None, f"{site} of {scanner.station} has a precision without repeats")
                continue
            df = sum(len(values) - 1 for values in repeated)
            what = f"precision at {site}"
            check((row["subjects"], row["scans"], row["df"]) == (5, 11, df) and df == 6, f"{what}: {row}")
            rms = np.sqrt(sum((len(v) - 1) * v.var(ddof=1) for v in repeated) / df)
            cv = 100 * np.sqrt(sum((len(v) - 1) * v.var(ddof=1) / v.mean() ** 2 for v in repeated) / df)
            near(row["rms_sd"], rms, f"{what}, RMS-SD")
            near(row["rms_cv_percent"], cv, f"{what}, RMS-CV")
            near(row["lsc"], 2.77 * rms, f"{what}, LSC")
            near(row["lsc_percent"], 2.77 * cv, f"{what}, LSC in percent")
            near(row["rms_sd_upper95"], rms * np.sqrt(df / stats.chi2.ppf(0.05, df)), f"{what}, upper limit", 1e-8)
            check(row["df_sufficient"] is False, f"{what}: six degrees of freedom suffice")
        check(rows == {}, f"precision of {sorted(rows)}")


def checks(room, made, results):
    """Shares by month of what the results themselves say."""
    counted = defaultdict(Counter)
    for one in made:
        if one.scanner == ONE and not one.is_phantom:
            for record in results[one.study]["quality"]:
                for month in (one.day[:7], None):
                    counted[record["id"], month][record["status"]] += 1
    rows = {row["check"]: row for row in of_scanner(room, ONE)["checks"]}
    check(set(rows) == {name for name, _ in counted}, f"checks {sorted(rows)}")
    check(rows["spine-tilt"]["failed"] == len(TILTED), f"three spines were tilted: {rows['spine-tilt']}")
    for (name, month), counts in counted.items():
        row = rows[name] if month is None else next((one for one in rows[name]["months"] if one["month"] == month), None)
        what = f"{name} in {month}"
        failed, n = counts["fail"], counts["fail"] + counts["pass"]
        check(row is not None and (row["failed"], row["n"], row["not_evaluable"]) == (failed, n, counts["not_evaluable"]),
              f"{what}: {row}, counted {counts}")
        if n and row:
            near(row["share"], failed / n, f"{what}, share")
            interval = stats.binomtest(failed, n).proportion_ci(method="wilson")
            near_all(row["interval"], [interval.low, interval.high], f"{what}, interval")
    shares = [row["share"] or 0 for row in of_scanner(room, ONE)["checks"]]
    check(shares == sorted(shares, reverse=True), "the check that fails most is not the first")


def service_itself(ask, archive, folder, made, mismatched):
    """Deliveries as the archive counted them; the queue and its times from the tables of the database."""
    index = f"file:{folder}/store/index.sqlite?mode=ro"
    with sqlite3.connect(index, uri=True) as database:
        # Studies of a person are analyzed again when an earlier one comes, and each result is sent.
        documents = database.execute("SELECT COUNT(*) FROM documents WHERE kind = 'sr'").fetchone()[0]
    check(documents >= len(made), f"{documents} documents of {len(made)} studies")
    rows = lambda: {row["destination"]: row for row in ask.json("/api/v1/quality")["deliveries"]}
    wait(lambda: rows()["pacs"]["sent"] == documents, 120, f"not all of {documents} documents are counted as sent")
    check(len(archive.taken) == documents, f"the archive has {len(archive.taken)} of {documents} documents")
    room, rows = ask.json("/api/v1/quality"), rows()
    check(set(rows) == {"pacs", "<i>nobody"}, f"destinations {sorted(rows)}")
    check((rows["pacs"]["waiting"], rows["pacs"]["dead"]) == (0, 0), f"pacs: {rows['pacs']}")
    check(rows["pacs"]["oldest_waiting"] is None, "nothing waits, and yet since when")
    nobody = rows["<i>nobody"]
    check((nobody["waiting"], nobody["sent"], nobody["dead"]) == (documents, 0, 0), f"nobody: {nobody}")
    queue = room["queue"]
    work = next(work for work in queue["work"] if work["kind"] == "analyze")
    check((work["waiting"], work["running"], work["set_aside"]) == (0, 0, 1), f"work: {work}")
    aside = queue["set_aside"]
    check([one["study"] for one in aside] == [mismatched], f"set aside: {aside}")
    check("two Patient IDs" in aside[0]["reason"], f"the reason is {aside[0]['reason']}")
    with sqlite3.connect(index, uri=True) as database:
        waited = [row[0] / 1000 for row in database.execute(
            "SELECT MAX(results.created_at) - studies.arrived_at FROM results JOIN studies ON studies.uid = results.study "
            "WHERE reason IN ('new_study', 'late_objects') GROUP BY studies.uid, studies.arrived_at")]
        oldest = database.execute("SELECT MIN(created_at) FROM deliveries WHERE state <> 'delivered'").fetchone()[0]
    check(queue["results"] == len(waited) == len(made), f"times of {queue['results']} results")
    # The smallest time that at least this share of all times does not exceed.
    near(queue["median_seconds"], np.quantile(waited, 0.5, method="inverted_cdf"), "median time")
    near(queue["p95_seconds"], np.quantile(waited, 0.95, method="inverted_cdf"), "95 % time")
    near(queue["longest_seconds"], max(waited), "longest time")
    seen = np.datetime64(nobody["oldest_waiting"].rstrip("Z")).astype("datetime64[ms]").astype(int)
    check(seen == oldest, f"the oldest waits since {nobody['oldest_waiting']}")


def as_the_batch(folder, made, room):
    """`dxa validate` says the same of the same files."""
    source = folder / "files"
    source.mkdir()
    for at, one in enumerate(made):
        (source / f"{at:03}.dcm").write_bytes(Path(one.file).read_bytes())
    out = folder / "run"
    subprocess.run([DXA, "batch", str(source), "--out", str(out), "--formats", "csv"], check=True, capture_output=True)
    subprocess.run([DXA, "validate", str(out), "--against", "device"], check=True, capture_output=True)
    with open(out / "validation/agreement.csv", newline="", encoding="utf-8") as file:
        batch = {(row["quantity"], row["site"]): row for row in csv.DictReader(file)}
    rows = of_scanner(room, ONE)["agreement"]
    for row in rows:
        other = batch.get((row["quantity"], row["site"]))
        what = f"dxa validate, {row['quantity']} of {row['site']}"
        check(other is not None and int(other["n"]) == row["n"], f"{what}: {other}")
        if other:
            for name, value in (("bias", row["bias"]), ("sd", row["sd"]), ("limit_low", row["limits"][0]), ("limit_high", row["limits"][1])):
                check(abs(float(other[name]) - value) < 5.1e-5, f"{what}, {name}: {other[name]} and {value}")
    svg = next((out / "validation").glob("*-bmd-g-cm2-L1-L4.svg"), None)
    check(svg is not None and svg.read_text().count("h0") == PEOPLE, "the plot of the run does not have every pair")


def tables(ask, room):
    """The CSV tables hold what the JSON holds."""
    sizes = {
        "agreement": sum(len(one["agreement"]) for one in room["scanners"]),
        "phantoms": sum(len(chart["points"]) for one in room["scanners"] for chart in one["phantoms"]),
        "precision": sum(len(one["precision"]) for one in room["scanners"]),
        "checks": sum(len(row["months"]) for one in room["scanners"] for row in one["checks"]),
        "deliveries": 2,
    }
    for table, size in sizes.items():
        with ask.open(f"/api/v1/quality/csv?table={table}&{DAYS}") as answer:
            check(answer.headers["Content-Type"].startswith("text/csv"), f"{table} is {answer.headers['Content-Type']}")
            rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
        check(len(rows) == size > 0, f"{table}: {len(rows)} rows, not {size}")
        if table == "agreement":
            for row, other in zip(rows, of_scanner(room, ONE)["agreement"]):
                check(float(row["bias"]) == other["bias"] and row["station"] == ONE.station, f"{table}: {row}")
                check(float(row["limit_high_high"]) == other["upper_limit_interval"][1], f"{table}: {row}")
    check(ask.status("/api/v1/quality/csv?table=patients", "sun") == 400, "an unknown table is answered")


def periods(ask):
    """Only scans of the days that are asked for count; a chart keeps its baseline."""
    may = ask.json("/api/v1/quality?from=2024-04-20&to=2024-04-30")
    chart = next(one for one in of_scanner(may, ONE)["phantoms"] if one["site"] == "L1")
    check((chart["n"], len(chart["points"])) == (24, 5), f"{chart['n']} scans, {len(chart['points'])} of them shown")
    check(all("2024-04-20" <= point["day"] for point in chart["points"]), "a day before the period is shown")
    check([one for one in may["scanners"] if one["model"] == OTHER.model] == [], "a scanner of other days is shown")
    whole = ask.json("/api/v1/quality")
    check(whole["from"] == "2023-05-22" and whole["to"] is None, f"without days: from {whole['from']} to {whole['to']}")
    for wrong in ("from=May", "from=2024-05-02&to=2024-05-01", "day=2024-05-01"):
        check(ask.status(f"/api/v1/quality?{wrong}", "sun") == 400, f"{wrong} is answered")


def roles(ask, browser):
    expected = {"chen": 200, "li": 200, "sun": 200, "monitor": 200, "zhou": 403}
    for who, status in expected.items():
        for path in ("/api/v1/quality", "/api/v1/quality/csv"):
            found = ask.status(path, who)
            check(found == status, f"{who} gets {found} of {path}, not {status}")
    named = lambda who: {chart["phantom"] for chart in of_scanner(ask.json(f"/api/v1/quality?{DAYS}", who), ONE)["phantoms"]}
    check(named("li") == {"QA <b>1</b>", "QA-2"}, f"a viewer sees the phantoms {named('li')}")
    check(named("monitor") == {None}, "whoever may not read sees a Patient ID")
    with urllib.request.urlopen(f"{ask.address}/quality") as answer:
        check(answer.url.endswith("/login"), "nobody is sent to the login")
    with browser.reader("zhou", PASSWORD) as page:
        check(page.goto("/quality").status == 403, "a researcher sees the page")


def read(browser, room, archive):
    with browser.reader("chen", PASSWORD) as page:
        page.goto("/")
        page.click("nav a[href='/quality']")
        check(page.locator("h1").inner_text() == "Quality room", "the worklist does not lead to the room")
        page.goto(f"/quality?{DAYS}")
        check(page.locator("section.scanner").count() == 2, "two scanners are not two")
        injected(page)
        numbers(page, room, archive)
        check(page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the window")
        browser.check_accessible(page, "quality room")
        light(page)
        page.click("#glance a")
        check(page.url.endswith("#scanner-1") or page.url.endswith("#scanner-2"), "the overview leads nowhere")
        with page.expect_download() as download:
            page.click("details.menu summary")
            page.click("a[data-table=agreement]")
        rows = list(csv.DictReader(open(download.value.path(), newline="", encoding="utf-8")))
        check(len(rows) == len(of_scanner(room, ONE)["agreement"]), "the download is not the table")
        picture(page, "quality-room", clip=f"#{number_of(page, ONE)}")
        printed(page)
        chinese(page, browser)
        page.goto("/quality?from=2020-01-01&to=2020-12-31")
        check(page.locator(".nothing").is_visible(), "days without a scan do not say so")
        page.goto("/quality?from=2020-01-01&to=2019-12-31")
        check(page.locator("section.problem").is_visible(), "a period that ends before it begins has no page")
        browser.forget_errors(page)


def number_of(page, scanner):
    """The anchor of a scanner's section."""
    return page.locator("section.scanner").filter(has=page.get_by_role("heading", name=scanner.model)).get_attribute("id")


def injected(page):
    check(page.evaluate("window.injected === undefined"), "an injected name ran")
    check(page.locator("main script, main b, main i").count() == 0, "a name became markup")
    check(page.get_by_text(HOSTILE, exact=False).count() >= 2, "an injected model is not shown as text")
    for text in ("QA <b>1</b>", "<i>nobody", "<b>DXA-2"):
        check(page.get_by_text(text, exact=False).count() >= 1, f"{text} is not shown as text")


def shown(number, places):
    return f"{number:+.{places}f}".replace("-", "−")


def numbers(page, room, archive):
    """What the page shows is what the JSON says."""
    one = of_scanner(room, ONE)
    section = page.locator(f"#{number_of(page, ONE)}")
    rows = section.locator("table.agreement tbody tr")
    check(rows.count() == len(one["agreement"]), f"{rows.count()} rows of agreement")
    for at, row in enumerate(one["agreement"][:6]):
        text = rows.nth(at).inner_text()
        for value in (row["bias"], *row["limits"], *row["bias_interval"]):
            check(shown(value, 4) in text, f"{shown(value, 4)} is not in {text}")
    plots = section.locator("[data-part=agreement] .plot")
    check(plots.count() == 1, f"{plots.count()} plots of agreement")
    marks = section.locator("[data-part=agreement] .plot path.cloud").first.get_attribute("d")
    check(marks.count("h0") == PEOPLE, f"{marks.count('h0')} pairs are drawn")
    check(section.locator("[data-part=phantoms] .plot").count() == 2 * 2 + 2, "each region has a chart, and sums after its baseline")
    signals = sum(bool(point["signals"]) for chart in one["phantoms"] for point in chart["points"])
    sums = sum("cusum" in point["signals"] for chart in one["phantoms"] for point in chart["points"])
    check(section.locator(".plot circle.signal").count() == signals + sums, "not every signal is marked")
    check(section.locator("table.phantom .chip.withhold").count() == 2, "the drift is not said")
    check(section.locator("table.precision tbody tr").count() == len(one["precision"]), "rows of precision")
    tilt = section.locator("[data-check=spine-tilt] td.whole").inner_text()
    check(f"{100 * len(TILTED) / PEOPLE:.1f} %" in tilt and f"{len(TILTED)} of {PEOPLE}" in tilt, f"tilt: {tilt}")
    pacs = page.locator("[data-destination=pacs] td").all_inner_texts()
    check(pacs == ["0", str(len(archive.taken)), "0", "0", "–"], f"pacs is shown as {pacs}")
    check(page.locator(".aside a").count() == 1, "the study that was set aside is not linked")


def light(page):
    page.click("#theme")
    page.browser_of.check_accessible(page, "quality room in the dark")
    page.click("#theme")
    foreign = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    check(all(url.startswith(page.browser_of.address) for url in foreign), f"the page fetches {foreign}")
    check(page.locator("script:not([src]), [style], [onclick]").count() == 0, "something is inline")


def printed(page):
    page.emulate_media(media="print")
    check(not page.locator("form.filters").is_visible(), "the form is printed")
    check(page.locator("section.scanner table.agreement").first.is_visible(), "the numbers are not printed")
    page.emulate_media(media="screen")


def chinese(page, browser):
    page.goto(f"/quality?{DAYS}")
    page.click("#language")
    page.wait_for_selector("html[lang=zh-CN]")
    check(page.locator("h1").inner_text() == "质控室", "the page does not speak Chinese")
    for heading in page.locator("main h2, main h3, main th[scope=col]").all_inner_texts():
        known = heading in ("r",) or any("\u4e00" <= letter <= "\u9fff" for letter in heading)
        known = known or "Horizon" in heading or "script" in heading or heading[:4].isdigit()
        check(known, f"{heading} is not said in Chinese")
    page.click("#theme")
    browser.check_accessible(page, "quality room in Chinese")
    picture(page, "quality-room-overview", whole=False)
    page.click("#theme")
    page.click("#language")


if __name__ == "__main__":
    main()
