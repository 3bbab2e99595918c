//! The command line in Chinese: the help, and one sentence where it was mistyped.

use super::Failed;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};
use std::ffi::OsString;

const HELP: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

fn in_chinese(command: Command) -> Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help("看这个命令怎么用");
    command
        .help_template(HELP)
        .subcommand_help_heading("命令")
        .disable_help_flag(true)
        .arg(help)
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "要写" } else { "选项" };
            arg.help_heading(heading)
        })
        .mut_subcommands(in_chinese)
}

fn in_chinese_with_help(command: Command) -> Command {
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help("看程序的版本");
    let mut command = in_chinese(command.disable_version_flag(true).arg(version));
    command.build();
    command.mut_subcommands(|verb| if verb.get_name() == "help" { verb.about("看一个命令怎么用") } else { verb })
}

/// What was asked for: the matches of the verbs, or text to print and be done.
///
/// # Errors
/// One sentence that says what is wrong and how it is written.
pub fn read(
    command: Command,
    words: impl IntoIterator<Item = OsString>,
) -> Result<Result<clap::ArgMatches, String>, Failed> {
    match in_chinese_with_help(command).try_get_matches_from(words) {
        Ok(matches) => Ok(Ok(matches)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Ok(Err(error.to_string()))
        }
        Err(error) => Err(Failed::because(sentence(&error))),
    }
}

fn sentence(error: &clap::Error) -> String {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    };
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => "qinghe help 看有哪些命令".to_owned(),
    };
    let usage = usage.trim_start_matches("Usage:").split_whitespace().collect::<Vec<_>>().join(" ");
    let (argument, value) = (named(ContextKind::InvalidArg), named(ContextKind::InvalidValue));
    let what = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            format!("没有命令“{}”", named(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => format!("不认识“{argument}”"),
        ErrorKind::MissingRequiredArgument => format!("还缺 {argument}"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("{argument} 不能是“{value}”")
        }
        ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues | ErrorKind::TooManyValues => {
            format!("{argument} 后面写的个数不对")
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return "还没有写要做什么。用 qinghe help 看有哪些命令。".to_owned();
        }
        _ => "命令写得不对".to_owned(),
    };
    format!("{what}。写法：{usage}。用 qinghe help 看有哪些命令。")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn asked(words: &[&str]) -> Result<Result<clap::ArgMatches, String>, Failed> {
        let words = ["qinghe"].iter().chain(words).map(OsString::from);
        read(super::super::Cli::command(), words)
    }

    #[test]
    fn what_is_mistyped_is_told_in_one_sentence() {
        for (words, part) in [
            (&["foo"][..], "没有命令“foo”"),
            (&["backup"][..], "还缺 <OUT>"),
            (&["status", "--bogus"][..], "不认识“--bogus”"),
            (&["init", "--school", "1"][..], "个数不对"),
            (&[][..], "还没有写要做什么"),
        ] {
            let said = asked(words).unwrap_err().to_string();
            assert!(said.contains(part) && !said.contains('\n'), "{said}");
        }
    }

    #[test]
    fn every_verb_has_help_in_chinese() {
        let help = asked(&["help", "backup"]).unwrap().unwrap_err();
        assert!(help.contains("用法：qinghe backup") && help.contains("备份写到哪里"), "{help}");
        fn walk(command: &Command) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(!about.is_ascii(), "{} says nothing about itself", command.get_name());
            for argument in command.get_arguments() {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(!help.is_ascii(), "{} {}", command.get_name(), argument.get_id());
            }
            command.get_subcommands().filter(|verb| verb.get_name() != "help").for_each(walk);
        }
        walk(&in_chinese_with_help(super::super::Cli::command()));
    }
}
