//! Neither the number of threads nor the memory shows in what comes out.

use crate::chain::{Chain, assert_same_files};

#[test]
fn threads_and_memory_do_not_show_in_the_tables_nor_in_the_release() {
    let chain = Chain::techniek(2500, 4);
    chain.succeed("one", &["run", "--threads", "1", "--memory", "4GiB"]);
    let ways = [("2", "4GiB"), ("4", "4GiB"), ("1", "256MiB"), ("2", "256MiB"), ("4", "256MiB")];
    for (threads, memory) in ways {
        chain.succeed("other", &["run", "--threads", threads, "--memory", memory]);
        assert_same_files(&chain.release("one"), &chain.release("other"));
        assert_same_files(&chain.current("one"), &chain.current("other"));
        std::fs::remove_dir_all(chain.path("other")).unwrap();
    }
}

#[test]
fn equal_seeds_give_equal_files_and_other_seeds_others() {
    let one = Chain::techniek(300, 11);
    let same = Chain::techniek(300, 11);
    let other = Chain::techniek(300, 12);
    assert_same_files(&one.raw(), &same.raw());
    assert_ne!(one.raw(), other.raw());
}
