//! The `tokenizers` crate as an engine: JSONL in, its tokens, a sum of a weight a token, a line of id and score out.
//!
//! It shows what a linear model on the crate's tokens costs at the least: no folding, no n-grams, no evidence. The weights
//! stand for any: a table look-up by the token's number.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};

use serde_json::Value;
use tokenizers::Tokenizer;

const FIELDS: [&str; 6] = ["title", "salary", "description", "requirements", "benefits", "company_profile"];

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, tokenizer, feed, out] = arguments.as_slice() else {
        return Err("usage: tokenizers-engine TOKENIZER.json FEED.jsonl OUT".into());
    };
    let tokenizer = Tokenizer::from_file(tokenizer)?;
    let weights: Vec<f32> = (0..tokenizer.get_vocab_size(true) as u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 16) as f32 - 32_768.0)
        .collect();
    let mut out = BufWriter::new(File::create(out)?);
    let mut text = String::new();
    for line in BufReader::with_capacity(1 << 20, File::open(feed)?).lines() {
        let posting: Value = serde_json::from_str(&line?)?;
        text.clear();
        for field in FIELDS {
            text.push_str(posting[field].as_str().unwrap_or_default());
            text.push('\n');
        }
        let encoding = tokenizer.encode_fast(text.as_str(), false)?;
        let ids = encoding.get_ids();
        let sum: f32 = ids.iter().map(|&id| weights[id as usize]).sum();
        writeln!(out, "{}\t{}", posting["id"], sum / (ids.len().max(1) as f32).sqrt())?;
    }
    Ok(out.flush()?)
}
