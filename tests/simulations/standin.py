"""Stands in for StarSmasher: its files and messages, its ways to fail, and a toy for its physics.

It runs in the working directory like the code itself and imports nothing of the package. The
environment says what else it does:

STANDIN_REPLAY  folder of a recorded collision, whose snapshots are copied instead of made
STANDIN_SLEEP   seconds for every snapshot
STANDIN_ACT     a fault (see `FAULTS`) when the snapshot STANDIN_AT (2) is due
STANDIN_ONCE    file that is made when the fault happens; where it exists, no fault happens

The toy: stars are rigid balls on a softened two-body orbit. At their closest approach slow ones
that overlap merge, fast ones that overlap deeply strip the lighter star away or destroy both, and
all others lose a little mass. Its state is a function of time alone, so a restart changes nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import struct
import sys
import time
from pathlib import Path

import numpy as np

HEADER = "<2i5d2idi3d2i3didi3d"
FIELDS = [
    "x",
    "y",
    "z",
    "am",
    "hp",
    "rho",
    "vx",
    "vy",
    "vz",
    "vxdot",
    "vydot",
    "vzdot",
    "u",
    "udot",
]
FIELDS += ["grpot", "meanmolecular"]
PARTICLE = np.dtype(
    [("a", "<i4"), *((f, "<f8") for f in FIELDS), ("cc", "<i4"), ("divv", "<f8"), ("b", "<i4")]
)
NAMES = set(
    re.findall(
        r"\w+",
        "tf dtout n nnopt nav alpha beta ngr nrelax trelax sep0 equalmass treloff nitpot nintvar "
        "ngravprocs qthreads runit munit cn1 cn2 cn3 cn4 cn5 cn6 cn7 computeexclusivemode ppn neos "
        "nselfgravity gam starmass starradius ncooling nkernel rp vinf2 profilefile hco hfloor mco "
        "stellarevolutioncodetype tjumpahead reat npoly tscanon bimpact e0 semimajoraxis "
        "tresplintmuoff omega_spin gflag teq eosfile opacityfile",
    )
)
DT = 0.01


# Files


def namelist(path):
    text = path.read_text()
    pairs = re.findall(r"(\w+)\s*=\s*('[^']*'|\"[^\"]*\"|[^,\s]+)", text)
    return {name.lower(): value.strip("'\"") for name, value in pairs}


def number(text):
    return float(text.lower().replace("d", "e"))


def read(path):
    """Header values and particles of a snapshot, as a Fortran program would: or it dies."""
    data = path.read_bytes()
    if len(data) < 8:
        if not data:
            path.touch()
        die(2, "At line 66 of file init.f90\nFortran runtime error: End of file")
    size = struct.unpack("<i", data[:4])[0]
    head = struct.unpack(HEADER, data[4 : 4 + size])
    if len(data) < size + 8 + 148 * head[0] + 12:
        die(2, "Fortran runtime error: End of file\n\nError termination. Backtrace:\n#0  0x7f")
    rows = np.frombuffer(data, PARTICLE, head[0], size + 8).copy()
    if not np.isfinite(rows["x"]).all():
        os.kill(os.getpid(), signal.SIGSEGV)
    return head, rows


def write(path, rows, nnopt, tf, dtout, nout, t, nrelax, sep0=200.0):
    n = len(rows)
    head = struct.pack(
        HEADER, n, nnopt, -1e30, 0.0, sep0, tf, dtout, nout, 100 * nout, t, 3, 1.0, 2.0, 1e30, 3,
        nrelax, 1e30, DT, 0.0, 0, 0.0, 0, 0.0, 0.0, 0.0,
    )  # fmt: skip
    marker = struct.pack("<i", len(head))
    path.write_bytes(marker + head + marker + rows.tobytes() + struct.pack("<3i", 4, n, 4))


def particles(m, x, v, u):
    rows = np.zeros(len(m), PARTICLE)
    rows["a"] = rows["b"] = 140
    rows["am"], rows["u"], rows["hp"], rows["rho"] = m, u, 0.1, 1.0
    rows["meanmolecular"] = 1e-24
    for axis, name in enumerate("xyz"):
        rows[name], rows["v" + name] = x[:, axis], v[:, axis]
    return rows


# Faults


def die(status, message):
    print(message, file=sys.stderr, flush=True)
    os._exit(status)


def leave(log, message):
    """End with status 0 for no good reason, as the code does."""
    log(message)
    os._exit(0)


def hang():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(3600)


FAULTS = {
    "gam1": lambda log, path: leave(log, " gam1 value does not make sense"),
    "ranks": lambda log, path: leave(log, " problem assigning particles to grav processes"),
    "quiet": lambda log, path: leave(log, ""),
    "segfault": lambda log, path: os.kill(os.getpid(), signal.SIGSEGV),
    "kill": lambda log, path: os.kill(os.getpid(), signal.SIGKILL),
    "hang": lambda log, path: hang(),
    "disk": lambda log, path: (
        path.write_bytes(path.read_bytes()[:777]),
        die(2, "Fortran runtime error: No space left on device"),
    ),
    "truncate": lambda log, path: path.write_bytes(path.read_bytes()[:-5]),
    "nan": lambda log, path: path.write_bytes(
        path.read_bytes()[: 172 + 4] + struct.pack("<d", np.nan) + path.read_bytes()[172 + 12 :]
    ),
    "lose": lambda log, path: lose(path),
    "early": lambda log, path: leave(log, " main: end of integration, t=   1.0   1.0"),
}


def lose(path):
    """Write one particle less, all else right."""
    data = path.read_bytes()
    n = struct.unpack("<i", data[4:8])[0]
    path.write_bytes(
        data[:4] + struct.pack("<i", n - 1) + data[8 : 172 + 148 * (n - 1)]
        + struct.pack("<3i", 4, n - 1, 4)
    )  # fmt: skip


def fault_due(nout, last):
    act, once = os.environ.get("STANDIN_ACT"), os.environ.get("STANDIN_ONCE")
    at = os.environ.get("STANDIN_AT", "2")
    if not act or nout != (last if at == "last" else int(at)) or (once and Path(once).exists()):
        return None
    if once:
        Path(once).touch()
    return FAULTS[act]


# The toy


def ball(mass, radius, n):
    """Equal particles on a spiral, denser inside."""
    k = np.arange(n) + 0.5
    z, angle = 1 - 2 * k / n, np.pi * (1 + 5**0.5) * k
    r = 0.8 * radius * np.random.default_rng(n).permutation(k / n)[:, None] ** 0.6
    flat = np.sqrt(1 - z * z)
    x = r * np.stack([flat * np.cos(angle), flat * np.sin(angle), z], axis=-1)
    x -= x.mean(axis=0)
    m = np.full(n, mass / n)
    return particles(m, x, np.zeros_like(x), 0.4 * mass / radius)


def place(rows):
    return np.stack([rows[a] for a in "xyz"], axis=-1)


class Orbit:
    """Relative orbit of two balls, softened where they overlap."""

    def __init__(self, mass, size, rp, vinf2, separation):
        energy = vinf2 / 2
        turn = rp * np.sqrt(2 * (energy + mass / max(rp, 1e-9)))
        r, vt = separation, turn / separation
        vr = -np.sqrt(max(2 * (energy + mass / r) - vt * vt, 0.0))
        self.x, self.v = np.array([r, 0.0]), np.array([vr, vt])
        self.mass, self.soft, self.t, self.step = mass, (0.3 * size) ** 2, 0.0, 0.002
        self.closest, self.when, self.path = r, 0.0, []

    def until(self, t):
        while self.t < t:
            self.v = self.v + self.step / 2 * self._pull()
            self.x = self.x + self.step * self.v
            self.v = self.v + self.step / 2 * self._pull()
            self.t += self.step
            distance = float(np.hypot(*self.x))
            if distance < self.closest:
                self.closest, self.when = distance, self.t
        return np.append(self.x, 0.0), np.append(self.v, 0.0)

    def _pull(self):
        return -self.mass * self.x / (self.x @ self.x + self.soft) ** 1.5


class Toy:
    """Two balls that meet."""

    def __init__(self, one, two, rp, vinf2, separation):
        self.rows, self.n1 = np.concatenate([one, two]), len(one)
        self.m1, self.m2 = one["am"].sum(), two["am"].sum()
        reach = [np.linalg.norm(place(rows), axis=1).max() for rows in (one, two)]
        self.mass, self.size = self.m1 + self.m2, sum(reach)
        self.orbit = Orbit(self.mass, self.size, rp, vinf2, separation)
        self.rp, self.speed = rp, np.sqrt(vinf2)
        radii = np.concatenate([np.linalg.norm(place(rows), axis=1) for rows in (one, two)])
        self.outer = radii >= np.quantile(radii, 0.95)

    def fate(self):
        escape = np.sqrt(2 * self.mass / self.size)
        if self.rp < 0.7 * self.size and self.speed < escape:
            return "merge"
        if self.rp < 0.25 * self.size and self.speed > 4 * escape:
            return "destroy"
        return "strip" if self.rp < 0.25 * self.size else "pass"

    def at(self, t):
        x, v = self.orbit.until(t)
        late = t - self.orbit.when if self.orbit.when < self.orbit.t - 0.5 else 0.0
        lost = self.outer.copy()
        second = np.arange(len(self.rows)) >= self.n1
        share = np.where(second, self.m1, -self.m2)[:, None] / self.mass
        if late and (fate := self.fate()) != "pass":
            if fate == "merge":
                x, v = 0 * x, 0 * v
            lost |= {"merge": False, "destroy": True, "strip": second}[fate]
        inside = place(self.rows)
        rows = self.rows.copy()
        out = inside / np.linalg.norm(inside, axis=1)[:, None]
        kick = 4 * np.sqrt(2 * self.mass / self.size) * (1 + np.linalg.norm(inside, axis=1))
        flown = np.where(lost, kick, 0.0)[:, None] * out if late else 0.0
        where, how = inside + share * x + flown * late, share * v + flown
        for axis, name in enumerate("xyz"):
            rows[name], rows["v" + name] = where[:, axis], how[:, axis]
        rows["grpot"] = -self.mass / self.size
        return rows


# The code


def main():
    try:
        settings, init = namelist(Path("sph.input")), namelist(Path("sph.init"))
    except FileNotFoundError as error:
        die(0, f"STOP init: error reading {error.filename}")
    with Path("log0.sph").open("a") as file:

        def log(text):
            print(text, file=file, flush=True)

        log(" writing log data to log0.sph")
        for name in settings:
            if name not in NAMES:
                die(2, f"Fortran runtime error: Cannot match namelist object name {name}\n"
                       "\nError termination. Backtrace:\n#0  0x7f")  # fmt: skip
        run(settings, init["iname"], log)


def run(settings, iname, log):
    tf, dtout = number(settings["tf"]), number(settings["dtout"])
    nnopt, first = int(number(settings.get("nnopt", "23"))), 0
    restart = Path("restartrad.sph")
    if restart.exists():
        head, _ = read(restart)
        first = head[7]
    replay = os.environ.get("STANDIN_REPLAY")
    if iname in ("erg", "1es"):
        state = None if replay else star(settings, iname, log)
    elif iname == "hyp":
        state = collision(settings, log)
    else:
        leave(log, f" init: unknown iname={iname}")
    relaxing = int(iname != "hyp")
    last = int(np.ceil(tf / dtout - 1e-9))
    recorded = sorted(Path(replay).glob("out*.sph")) if replay else []
    numbers = [int(p.stem[3:]) for p in recorded] or range(last + 1)
    for nout in [k for k in numbers if k >= first]:
        path = Path(f"out{nout:04d}.sph")
        if replay:
            shutil.copyfile(Path(replay) / path.name, path)
            t = read(path)[0][9]
        else:
            t = nout * dtout + DT / 2
            write(path, state(t - DT / 2), nnopt, tf, dtout, nout, t, relaxing)
        due = fault_due(nout, last)
        print(f" end it. {100 * nout:11d} t= {t:20.16f}     ", flush=True)
        log(f" duout: writing file {path.name}     at t= {t}")
        with Path("energy0.sph").open("a") as file:
            print(f"  {t:.7E} -1.5 0.2 0.7 -0.6 0.2E+44 0.3", file=file)
        if due:
            due(log, path)
        if nout % 4 == 3:
            shutil.copyfile(path, restart)
        time.sleep(float(os.environ.get("STANDIN_SLEEP", "0")))
    log(f" main: end of integration, t=   {t}        {tf}")


def star(settings, iname, log):
    n = int(number(settings.get("n", "60")))
    mass, radius = number(settings.get("starmass", "1")), number(settings.get("starradius", "1"))
    if iname == "erg":
        table = np.loadtxt(settings["profilefile"])
        mass, radius = table[-1, 0] / 1.9891e33, table[-1, 1] / 6.9599e10
    rows = ball(mass, radius, n)
    rows["grpot"] = -1.5 * mass / radius
    return lambda t: rows


def collision(settings, log):
    if "rp" not in settings:
        leave(log, " hyperbolic: neither rp nor bimpact is set")
    one = read(Path("sph.start1u"))[1] if Path("sph.start1u").exists() else read(touched())[1]
    if Path("sph.start2u").exists():
        two = read(Path("sph.start2u"))[1]
    else:  # the code's own surprise: a point mass
        two = particles(np.array([10.0]), np.zeros((1, 3)), np.zeros((1, 3)), np.zeros(1))
    rp, vinf2 = number(settings["rp"]), number(settings.get("vinf2", "0"))
    Path("m1m2rp.sph").write_text(
        f" {len(one)} {len(two)} {rp}\n {one['am'].sum()} {two['am'].sum()} {rp}\n"
    )
    return Toy(one, two, rp, vinf2, number(settings.get("sep0", "200"))).at


def touched():
    Path("sph.start1u").touch()
    return Path("sph.start1u")


if __name__ == "__main__":
    main()
