//! Every input that was ever worth keeping, through its target.

use std::path::Path;

#[test]
fn no_input_of_the_corpora_breaks_its_target() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (name, target) in hiveboard_fuzz::TARGETS {
        let mut inputs: Vec<_> = std::fs::read_dir(corpora.join(name))
            .unwrap_or_else(|error| panic!("corpus of {name}: {error}"))
            .map(|entry| entry.unwrap().path())
            .collect();
        assert!(!inputs.is_empty(), "{name} has no corpus");
        inputs.sort();
        for path in inputs {
            eprintln!("{}", path.display());
            target(&std::fs::read(path).unwrap());
        }
    }
}

#[test]
fn every_target_takes_nothing_and_noise() {
    let noise: Vec<u8> = (0..4096_u32).map(|place| (place.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (_, target) in hiveboard_fuzz::TARGETS {
        target(b"");
        for length in [1, 7, 64, 4096] {
            target(&noise[..length]);
        }
    }
}
