"""examples/internals: each program shows one mechanism and checks itself; it must exit 0 under gale, and under gc if there is one."""
import os
import subprocess
import tempfile


def run(context):
    with tempfile.TemporaryDirectory() as tmp:
        for folder in sorted(p for p in (context.root / "examples" / "internals").iterdir() if (p / "main.go").exists()):
            name = f"internals/{folder.name}"
            if not context.wants(name):
                continue
            builds = [("gale", str(context.gale))]
            if context.goroot is not None:
                builds.append(("gc", os.path.join(context.goroot, "bin", "go")))
            outcome, detail = "pass", ""
            for who, compiler in builds:
                binary = os.path.join(tmp, who)
                try:
                    r = subprocess.run([compiler, "build", "-o", binary, "."], cwd=folder, capture_output=True, text=True, timeout=60)
                    if r.returncode == 0:
                        r = subprocess.run([binary], capture_output=True, text=True, errors="replace", timeout=60)
                except subprocess.TimeoutExpired as e:
                    outcome, detail = "fail", f"{who}: {e}"
                    break
                if r.returncode != 0:
                    outcome, detail = "fail", f"{who}: exit code {r.returncode}\n{(r.stdout + r.stderr)[-1500:]}"
                    break
            yield name, outcome, detail
