/*!
`lurescan completions` and `lurescan man`: what packagers install beside the binary.
*/

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;

use super::output::print;
use super::{Cli, Outcome};

/// Print a script that completes commands and options, for a shell to load.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the manual page, or that of a command, in roff.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// The command; `model show` are two words.
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

pub(crate) fn completions(args: &CompletionsArgs) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "lurescan", &mut script);
    print(&String::from_utf8(script)?)?;
    Ok(Outcome::Done)
}

pub(crate) fn man(args: &ManArgs) -> anyhow::Result<Outcome> {
    let mut root = Cli::command();
    root.build();
    let mut command = &root;
    for name in &args.command {
        command = command.find_subcommand(name).with_context(|| format!("there is no command {name:?}"))?;
    }
    let title = command.get_display_name().unwrap_or("lurescan").to_owned();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).title(title.to_uppercase()).render(&mut page)?;
    print(&String::from_utf8(page)?)?;
    Ok(Outcome::Done)
}
