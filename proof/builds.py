"""The real programs out of their Go modules, pinned, into a cache folder; a second call finds them there."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "real"
OAUTH2_PROXY = "github.com/oauth2-proxy/oauth2-proxy/v7"
OAUTH2_PROXY_VERSION = "v7.6.0"
# What Go's checksum database says of this version.
OAUTH2_PROXY_SUM = "h1:hB759i/hkrFxoLQxpmGpslmm80hChOA8LQ3VM+2pRS0="
# Its go.mod and go.sum pin everything else.
KUBERNETES = ROOT / "proof" / "kubernetes"


@dataclass(frozen=True)
class Programs:
    """Where the programs are, and what they say of themselves."""

    oauth2_proxy: Path
    kube_apiserver: Path
    etcd: Path

    def told(self) -> list[str]:
        """One line for each: its version in its own words, and the module it is of."""
        return [
            f"`{_said(self.oauth2_proxy)}`; module {OAUTH2_PROXY} {OAUTH2_PROXY_VERSION}, {OAUTH2_PROXY_SUM}",
            f"`kube-apiserver: {_said(self.kube_apiserver)}`; "
            "`k8s.io/kubernetes`, by proof/kubernetes/go.mod and go.sum",
            f"`{_said(self.etcd)}`; `go.etcd.io/etcd/server/v3`, likewise",
        ]


def oauth2_proxy() -> Path:
    """The version that the contract names."""
    program = CACHE / f"oauth2-proxy-{OAUTH2_PROXY_VERSION}"
    if program.is_file():
        return program
    _announce(f"oauth2-proxy {OAUTH2_PROXY_VERSION}", "a minute or two")
    # `go install …@v7.6.0` wants the list of all versions, which not every module proxy gives.
    told = json.loads(_go("mod", "download", "-json", f"{OAUTH2_PROXY}@{OAUTH2_PROXY_VERSION}", folder=CACHE))
    if told["Sum"] != OAUTH2_PROXY_SUM:
        raise SystemExit(f"The module proxy gave another {OAUTH2_PROXY}@{OAUTH2_PROXY_VERSION}: {told['Sum']}.")
    return _build(program, ".", Path(told["Dir"]), f"-X main.VERSION={OAUTH2_PROXY_VERSION}")


def kube_apiserver() -> Path:
    """The API server of `proof/kubernetes`."""
    version = _required("k8s.io/kubernetes")
    program = CACHE / f"kube-apiserver-{version}"
    if program.is_file():
        return program
    _announce(f"kube-apiserver {version}", "four minutes on two cores")
    major, minor, _ = version.removeprefix("v").split(".")
    about = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    flags = " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in about.items())
    return _build(program, "k8s.io/kubernetes/cmd/kube-apiserver", KUBERNETES, flags)


def etcd() -> Path:
    """The etcd of `proof/kubernetes`."""
    version = _required("go.etcd.io/etcd/server/v3")
    program = CACHE / f"etcd-{version}"
    if program.is_file():
        return program
    _announce(f"etcd {version}", "a minute")
    return _build(program, "go.etcd.io/etcd/server/v3", KUBERNETES)


def _required(module: str) -> str:
    """The version that proof/kubernetes/go.mod asks for."""
    for line in (KUBERNETES / "go.mod").read_text(encoding="utf-8").splitlines():
        words = line.removeprefix("require ").split()
        if words[:1] == [module] and words[1:] and words[1].startswith("v"):
            return words[1]
    raise SystemExit(f"proof/kubernetes/go.mod requires no {module}.")


def _announce(what: str, time: str) -> None:
    if not shutil.which("go"):
        raise SystemExit(f"Go is needed to build {what} (https://go.dev/dl); or give its path, see --help.")
    print(f"Building {what} ({time})", flush=True)
    CACHE.mkdir(parents=True, exist_ok=True)


def _build(program: Path, package: str, folder: Path, flags: str = "") -> Path:
    unfinished = program.with_suffix(".part")
    _go("build", "-trimpath", "-ldflags", f"-s -w {flags}", "-o", str(unfinished), package, folder=folder)
    unfinished.replace(program)
    return program


def _go(*arguments: str, folder: Path) -> str:
    done = subprocess.run(["go", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"go {arguments[0]} failed:\n{done.stderr or done.stdout}")
    return done.stdout


def _said(program: Path) -> str:
    done = subprocess.run([program.resolve(), "--version"], capture_output=True, text=True, check=True)
    return done.stdout.strip().partition("\n")[0]
