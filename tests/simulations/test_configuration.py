"""campaign.toml: what it means, and what it refuses."""

import pytest

from surrogate.simulations.configuration import TEMPLATE, Choice, read_configuration
from surrogate.simulations.executors import make_executor
from surrogate.simulations.sources import profile_of
from surrogate.simulations.sph.engine import BuiltIn
from surrogate.simulations.stars.main_sequence import main_sequence_star

COMMAND = 'command = ["test_gpu_sph"]\n'


@pytest.fixture
def configure(tmp_path):
    def write(text):
        path = tmp_path / "campaign.toml"
        path.write_text(text)
        return read_configuration(path)

    return write


def spelled_out(needless):
    """The template with what stands behind "# name = value", which holds without it."""
    lines = TEMPLATE.splitlines()
    told = [line[2:] if " = " in line and line.startswith("# ") else line for line in lines]
    own = told.index(
        "# Stars of your own, which replace those of the structure model at their mass:"
    )
    needless = ("OMPI", "config =", "gravconst", "metallicity", *needless)
    return "\n".join(line for line in told[:own] if not line.startswith(needless))


def test_the_template_tells_the_defaults(configure):
    shown = configure(TEMPLATE)
    starsmasher = ("command", "wall", "stall", "launches", "n =", "equalmass")
    told = configure(spelled_out(starsmasher))
    assert isinstance(shown.engine, BuiltIn)
    assert told.engine == shown.engine
    assert (told.plan, told.executor) == (shown.plan, shown.executor)
    assert told.plan.stop.longest == 2000.0
    assert shown.executor.jobs == 1


def test_the_template_tells_the_defaults_of_starsmasher(configure):
    built_in = ("particles", "equal_mass", "neighbours", "courant", "double", "relaxation")
    told = configure(spelled_out(built_in))
    shown = configure(COMMAND)
    assert told.engine.command == ("mpirun", "-np", "2", "test_gpu_sph")
    assert {**told.engine.about(), "command": 0} == {**shown.engine.about(), "command": 0}
    assert told.engine.limits == shown.engine.limits


def test_the_built_in_code_is_set(configure, tmp_path):
    engine = configure("[sph]\nparticles = 300\ndouble = true\n[plan]\nrelaxation = 5").engine
    assert (engine.particles, engine.method.single, engine.relaxation.time) == (300, False, 5.0)
    assert engine.stop_file == tmp_path / "stop"


def test_what_is_given_holds(configure, tmp_path):
    found = configure(
        COMMAND
        + """
        [environment]
        OMP_NUM_THREADS = 4
        [limits]
        wall = 100
        [star]
        n = 2000
        [plan]
        separation = 7
        relaxation = 20
        [stop]
        longest = 500
        [executor]
        jobs = 3
        """
    )
    assert found.engine.environment == {"OMP_NUM_THREADS": "4"}
    assert found.engine.limits.wall == 100
    assert found.engine.about()["star"]["n"] == 2000
    assert found.engine.about()["collision"]["alpha"] == 1.0
    assert found.engine.relaxation == 20
    assert found.plan.separation == 7
    assert found.plan.stop.longest == 500
    assert found.engine.stop_file == tmp_path / "stop"
    with make_executor(found.executor, ("sh",), tmp_path) as pool:
        assert pool.submit(sum, [1, 2]).result() == 3


def test_a_code_beside_the_campaign_is_found_from_every_run(configure, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "build7").touch()
    (tmp_path / "bin" / "code").symlink_to("build7")
    found = configure('command = ["mpirun", "-np", "2", "bin/code", "no/file"]').engine.command
    assert found == ("mpirun", "-np", "2", str(tmp_path / "bin" / "code"), "no/file")


def test_a_command_that_is_not_found_is_refused_at_once(tmp_path):
    with pytest.raises(ValueError, match="no-such-code is not found"):
        make_executor(Choice(), ("no-such-code", "-np", "2"), tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[star]\nn = 300", "star belongs to StarSmasher: give its command"),
        (COMMAND + "[sph]\nparticles = 300", "sph belongs to the built-in code"),
        ("[sph]\nparticles = 3", "particles = 3, allowed: at least 100"),
        ("[sph]\ndouble = 1", r"sph\.double = 1, allowed: bool"),
        ("[sph]\ncourant = 0", r"courant = 0, allowed: finite"),
        ('command = "mpirun"', "command = 'mpirun', allowed: a list"),
        ("command = [", "is no TOML"),
        (COMMAND + "[limit]\nwall = 3", "limit is unknown: did you mean limits"),
        (COMMAND + "[limits]\nwal = 3", r"limits\.wal is unknown: did you mean wall"),
        (COMMAND + "[limits]\nwall = 0", r"limits\.wall = 0, allowed: > 0"),
        (COMMAND + '[limits]\nwall = "long"', r"limits\.wall = 'long', allowed: float"),
        (COMMAND + "[limits]\nlaunches = 0", r"limits\.launches = 0, allowed: >= 1"),
        (COMMAND + "[star]\nnn = 3", "star: settings: unknown setting 'nn', did you mean n"),
        (COMMAND + "[collision]\nalpha = -1", "collision: settings: alpha = -1"),
        (COMMAND + "[plan]\nseparation = 0.5", "separation = 0.5, allowed: > 1"),
        (COMMAND + "[plan]\nrelaxation = -1", "relaxation = -1.0, allowed"),
        (COMMAND + "[stop]\nlongest = -1", "longest = -1"),
        (COMMAND + '[executor]\nkind = "slurm"', r"executor\.kind = 'slurm', allowed: \"local\""),
        (COMMAND + '[executor]\nkind = "parsl"', r"executor\.config is missing"),
        (COMMAND + "[executor]\njobs = 0", r"executor\.jobs = 0, allowed: >= 1"),
        (COMMAND + "stars = 3", "stars: allowed are entries"),
        (COMMAND + "[[stars]]\nmass = 1", "number 1: give mass, and either mesa or polytrope"),
        (COMMAND + "[[stars]]\nmass = 1\npolytrope = 1.5", "polytrope and radius go together"),
        (COMMAND + "[[stars]]\nmas = 1", "number 1: mas is unknown"),
        (COMMAND + '[[stars]]\nmass = 1\nmesa = "no.data"', "mesa = 'no.data': there is no such"),
        (COMMAND + "[[stars]]\nmass = 0\npolytrope = 3\nradius = 1", "mass = 0, allowed"),
    ],
)
def test_what_is_wrong_is_named(configure, text, said):
    with pytest.raises(ValueError, match=said) as error:
        configure(text)
    assert "campaign.toml" in str(error.value)


def test_stars_of_the_user_replace_those_of_the_model(configure):
    stars = configure(
        COMMAND
        + """
        [[stars]]
        mass = 1.0
        age = 4.5
        polytrope = 3.0
        radius = 1.1
        [[stars]]
        mass = 0.7
        polytrope = 1.5
        radius = 0.66
        """
    ).stars
    assert profile_of(1.0, 4.5, stars).radius == pytest.approx(1.1, rel=1e-3)
    assert profile_of(0.7, 2.0, stars).radius == pytest.approx(0.66, rel=1e-3)
    elsewhere = profile_of(1.0, 1.0, stars)
    assert elsewhere.radius == pytest.approx(main_sequence_star(1.0, 1.0, 300).radius, rel=1e-6)


def test_a_profile_of_another_mass_is_refused(configure, tmp_path, monkeypatch):
    (tmp_path / "profile8.data").write_text("a profile")
    monkeypatch.setattr(
        "surrogate.simulations.stars.mesa.read_mesa", lambda path: main_sequence_star(0.8, 1.0, 100)
    )
    stars = configure(COMMAND + '[[stars]]\nmass = 1.0\nmesa = "profile8.data"').stars
    with pytest.raises(ValueError, match=r"its mass is 0\.8 Msun.*allowed: within 1 %"):
        profile_of(1.0, 1.0, stars)
