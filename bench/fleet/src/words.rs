//! Texts of agents: common words often, others seldom, names and numbers that come once, and what JSON must escape.

use fastrand::Rng;

const COMMON: &str = "the of and to in is for that with on as it by from this be are or at an not have was we will can has more one all \
    their which when if about other what there so out up do no than only also into over some could time may like then these two \
    lead score customer invoice summary retry because model answer found match queue deploy report draft email review contract \
    ticket refund order status update account budget owner urgency pipeline meeting renewal quote discount shipping delivery \
    warehouse supplier payment overdue balance ledger currency reason evidence source article paragraph translation glossary \
    release branch commit failure timeout latency memory restart service cluster region database schema column table row index \
    search result page link question customer's manager approval policy limit exceeded request response header token prompt \
    instruction context window tool function argument output parse validate extract classify compare rank select merge split \
    write read load store send receive open close start finish begin end wait check confirm cancel escalate resolve assign \
    Monday Tuesday January quarter annual forecast target region market segment competitor price feature product launch plan \
    naïve café Zürich Müller résumé façade 東京 Москва";
/// Comes about once in a million texts, for searches that find little.
pub const RARE: &str = "quokka";

pub(crate) struct Words(Vec<&'static str>);

impl Words {
    pub(crate) fn new() -> Self {
        Self(COMMON.split_whitespace().collect())
    }

    /// Appends about `bytes` bytes of text, ready to stand inside of a JSON string.
    pub(crate) fn text(&self, random: &mut Rng, bytes: usize, out: &mut String) {
        let end = out.len() + bytes;
        if random.u32(..1_000_000) == 0 {
            out.push_str(RARE);
            out.push(' ');
        }
        while out.len() < end {
            match random.u8(..) {
                0..=3 => out.push_str("\\n- "),
                4..=6 => out.push_str("\\\"yes\\\" "),
                7..=11 => {
                    let number = random.u32(10_000..9_999_999);
                    out.push_str(["INV-", "ORD-", "#", "usr_"][number as usize % 4]);
                    out.push_str(&number.to_string());
                    out.push(' ');
                }
                _ => {
                    // The square makes the first words the common ones.
                    let place = random.f32();
                    out.push_str(self.0[(place * place * self.0.len() as f32) as usize % self.0.len()]);
                    out.push(' ');
                }
            }
        }
    }
}
