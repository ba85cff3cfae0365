"""`surrogate export`."""


def test_c_is_written(run, tmp_path):
    result = run("export", "--model", "fast", "-o", tmp_path / "c", "--prefix", "sgt")
    assert result.exit_code == 0, result.output
    names = {file.name for file in (tmp_path / "c").iterdir()}
    alone = {"sgt.c", "sgt.h", "sgt_module.f90", "main.c", "main.f90", "CMakeLists.txt"}
    assert names == alone | {"sgt_rebound.c", "sgt_rebound.h", "main_rebound.c"}
    assert "@" not in (tmp_path / "c" / "sgt.h").read_text()


def test_what_cannot_be_exported(run, tmp_path):
    result = run("export", "--prefix", "9x", "-o", tmp_path)
    assert result.exit_code == 2
    assert "prefix = '9x'" in result.stderr
