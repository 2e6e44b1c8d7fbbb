//! The command line as a person would type it again.

use crate::run::Setup;

/// This process's command line, for the ledger and the lock, quoted for a shell.
pub(super) fn command_line() -> String {
    quoted(&words())
}

/// The command line that does the same from any shell: what the environment
/// said of study and folders stands in it.
pub(super) fn command_line_anywhere(setup: &Setup) -> String {
    let mut words = words();
    let folder = |path: &std::path::Path| {
        std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string()
    };
    let options = [
        ("--release", None, folder(&setup.release)),
        ("--raw", None, folder(&setup.raw)),
        ("--lake", None, folder(&setup.lake)),
        ("--pipeline", Some("-p"), setup.asked_for.clone()),
    ];
    for (long, short, value) in options {
        if !words.iter().any(|word| is_option(word, long, short)) {
            words.splice(1..1, [short.unwrap_or(long).to_owned(), value]);
        }
    }
    quoted(&words)
}

/// Says whether a word gives an option: `--lake`, `--lake=X`, `-p`, `-pX`.
fn is_option(word: &str, long: &str, short: Option<&str>) -> bool {
    let rest = word.strip_prefix(long);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        || short.is_some_and(|short| word.starts_with(short))
}

fn words() -> Vec<String> {
    let mut words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let program = words.next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or("honkvast").to_owned();
    std::iter::once(name).chain(words).collect()
}

fn quoted(words: &[String]) -> String {
    // No word of a command line holds the one byte that cannot be quoted.
    let words_alone = || words.join(" ");
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words_alone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_a_shell_reads_them() {
        let words = ["honkvast", "--lake", "/data/my lake", "sql", "select 'a' as \"b\"; $x"];
        let words = words.map(str::to_owned);
        assert_eq!(shlex::split(&quoted(&words)).unwrap(), words);
    }

    #[test]
    fn an_option_is_known_in_each_of_its_forms() {
        for word in ["--pipeline", "--pipeline=x", "-p", "-px", "-p=x"] {
            assert!(is_option(word, "--pipeline", Some("-p")), "{word}");
        }
        for word in ["--pipelines", "run", "--p", "x--pipeline"] {
            assert!(!is_option(word, "--pipeline", Some("-p")), "{word}");
        }
    }
}
