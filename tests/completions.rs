//! The scripts with which shells complete commands and options.

use std::process::Command;

use crate::workplace::Workplace;

/// What bash offers behind these words, by the script it was given.
fn offered(place: &Workplace, words: &[&str]) -> Vec<String> {
    let script = place.path("honkvast.bash");
    std::fs::write(&script, place.succeed(&["completions", "bash"])).unwrap();
    let ask = r#"source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _honkvast honkvast "${@: -1}" "${@: -2:1}"; printf '%s\n' "${COMPREPLY[@]}""#;
    let output = Command::new("bash").args(["-c", ask]).arg(script).args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_their_values() {
    let place = Workplace::new();
    assert_eq!(offered(&place, &["honkvast", "hi"]), ["history"]);
    assert_eq!(offered(&place, &["honkvast", "gc", "--keep-"]), ["--keep-days", "--keep-runs"]);
    assert_eq!(offered(&place, &["honkvast", "--log", ""]), ["text", "json"]);
}

#[test]
fn each_shell_gets_a_script_of_its_own_and_others_are_refused() {
    let place = Workplace::new();
    for (shell, mark) in [
        ("bash", "complete -F _honkvast"),
        ("elvish", "edit:completion:arg-completer[honkvast]"),
        ("fish", "complete -c honkvast"),
        ("powershell", "Register-ArgumentCompleter"),
        ("zsh", "#compdef honkvast"),
    ] {
        let script = place.succeed(&["completions", shell]);
        assert!(script.contains(mark) && script.contains("rejects"), "{shell}");
    }
    let refused = place.fail(2, &["completions", "tcsh"]);
    assert!(refused.contains("invalid value 'tcsh'"), "{refused}");
}
