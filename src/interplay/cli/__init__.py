"""The command line: `interplay serve`, `worker`, `keys`, `usage`, `models`, `webhooks`, `chat`, `version`."""

import sys

import typer

from interplay import __version__
from interplay.cli import chat, keys, models, serve, usage, webhooks, worker
from interplay.cli.failing import CommandError
from interplay.models.local.builds import described

app = typer.Typer(
    name="interplay",
    help="The Gemini Interactions API on your own machines.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.add_typer(keys.app, name="keys")
app.command("usage")(usage.usage)
app.add_typer(models.app, name="models")
app.add_typer(webhooks.app, name="webhooks")
app.command("chat")(chat.chat)


@app.command()
def version() -> None:
    """Print the version, and what the local engine was built for."""
    typer.echo(__version__)
    typer.echo(described())


def main() -> None:
    """Run the command line; what goes wrong is one sentence on standard error."""
    try:
        app()
    except CommandError as error:
        typer.echo(f"interplay: {error}", err=True)
        sys.exit(1)
