"""Authorities and certificates by openssl."""
import subprocess


def authority(folder, name):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}",
            "-keyout", folder / f"{name}-ca.key", "-out", folder / f"{name}.pem")


def issue(folder, authority, name, at=None):
    extensions = folder / "extensions"
    extensions.write_text(f"subjectAltName=DNS:{name},IP:127.0.0.1\n")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
            "-keyout", folder / f"{name}.key", "-out", folder / "request")
    clock = ["faketime", at] if at else []
    openssl("x509", "-req", "-days", "30", "-in", folder / "request", "-CA", folder / f"{authority}.pem",
            "-CAkey", folder / f"{authority}-ca.key", "-CAcreateserial", "-extfile", extensions,
            "-out", folder / f"{name}.pem", clock=clock)


def openssl(*arguments, clock=()):
    subprocess.run([*clock, "openssl", *map(str, arguments)], check=True, capture_output=True)
