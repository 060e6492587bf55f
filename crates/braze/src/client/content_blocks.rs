//! Content blocks (contract 12.2): parts that mails name in Liquid.
//! Promises typed requests and answers, the refusals in Braze's own words. Leaves names for ever: an active block keeps its name.

use serde::{Deserialize, Serialize};

use super::{Call, Client, design::Ignored};

/// A block to be made, or to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewBlock {
    /// Its name: fewer than 100 of `A–Z a–z 0–9 - _`.
    pub name: String,
    /// HTML or text with Liquid, below 50 KB.
    pub content: String,
    /// What members read, below 250 characters.
    pub description: String,
}

/// A block in the list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BlockListed {
    /// Braze's id.
    pub content_block_id: String,
    /// Its name.
    pub name: String,
}

/// A block as Braze has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BlockInfo {
    /// Braze's id.
    pub content_block_id: String,
    /// Its name.
    pub name: String,
    /// Its content.
    pub content: String,
    /// In how many mails and blocks it stands.
    #[serde(default)]
    pub inclusion_count: u64,
}

#[derive(Deserialize)]
struct Made {
    content_block_id: String,
}

#[derive(Deserialize)]
struct List {
    content_blocks: Vec<BlockListed>,
}

#[derive(Serialize)]
struct Change<'a> {
    content_block_id: &'a str,
    content: &'a str,
    description: &'a str,
}

impl Client {
    /// Makes an active block; answers its id.
    pub async fn create_block(&self, block: &NewBlock) -> Result<String, Box<Call>> {
        let made: Made = self.write_design("/content_blocks/create", block).await?;
        Ok(made.content_block_id)
    }

    /// Changes content and description of a block. Every mail that names it shows the change at once.
    pub async fn update_block(&self, id: &str, block: &NewBlock) -> Result<(), Box<Call>> {
        let change = Change {
            content_block_id: id,
            content: &block.content,
            description: &block.description,
        };
        let _: Ignored = self.write_design("/content_blocks/update", &change).await?;
        Ok(())
    }

    /// All blocks of the workspace.
    pub async fn blocks(&self) -> Result<Vec<BlockListed>, Box<Call>> {
        self.list_design("/content_blocks/list", |list: List| list.content_blocks)
            .await
    }

    /// One block with its content.
    pub async fn block(&self, id: &str) -> Result<BlockInfo, Box<Call>> {
        let query = [("content_block_id", id), ("include_inclusion_data", "true")];
        self.get_design("/content_blocks/info", &query).await
    }
}
