"""The include table (tools/check_includes.py)."""
import subprocess


def run(context):
    result = subprocess.run(["python3", str(context.root / "tools" / "check_includes.py"), str(context.root)], capture_output=True, text=True)
    yield "includes/table", "pass" if result.returncode == 0 else "fail", result.stdout + result.stderr
