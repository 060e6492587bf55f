//! What the endpoints for content blocks and e-mail templates share (contract 12).
//! Promises typed answers, and the whole list however long it is. Leaves what is published to the caller.

use bytes::Bytes;
use reqwest::{Method, Request, Url};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Call, Client, calls::not_sent, now_epoch_ms};
use crate::{
    answer::{Answer, UnknownWhy},
    classify::classify,
    limits::MAX_EXPORT_ANSWER_BYTES,
};

/// Most names on a page of a list (contract 16).
const PAGE: usize = 1000;

/// A list that never ends is not Braze's: so many pages are read.
const MOST_PAGES: usize = 100;

impl Client {
    /// One write; the error is the call with its verdict.
    pub(super) async fn write_design<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, Box<Call>> {
        let (url, body) = match (self.design_url(path), serde_json::to_vec(body)) {
            (Ok(url), Ok(body)) => (url, Bytes::from(body)),
            (Err(call), _) => return Err(call),
            (_, Err(error)) => return Err(Box::new(not_sent(&error.to_string()))),
        };
        let mut request = Request::new(Method::POST, url);
        *request.body_mut() = Some(body.into());
        self.read_design(request).await
    }

    /// One read.
    pub(super) async fn get_design<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, Box<Call>> {
        let mut url = self.design_url(path)?;
        url.query_pairs_mut().extend_pairs(query);
        self.read_design(Request::new(Method::GET, url)).await
    }

    /// All pages of a list; `items` takes them out of an answer.
    pub(super) async fn list_design<P: DeserializeOwned, T>(
        &self,
        path: &str,
        items: impl Fn(P) -> Vec<T>,
    ) -> Result<Vec<T>, Box<Call>> {
        let mut all = Vec::new();
        for page in 0..MOST_PAGES {
            let (limit, offset) = (PAGE.to_string(), (page * PAGE).to_string());
            let query = [("limit", limit.as_str()), ("offset", offset.as_str())];
            let found = items(self.get_design(path, &query).await?);
            let last = found.len() < PAGE;
            all.extend(found);
            if last {
                break;
            }
        }
        Ok(all)
    }

    fn design_url(&self, path: &str) -> Result<Url, Box<Call>> {
        Url::parse(&self.inner.endpoint.url(path))
            .map_err(|error| Box::new(not_sent(&error.to_string())))
    }

    async fn read_design<T: DeserializeOwned>(&self, request: Request) -> Result<T, Box<Call>> {
        // Not every answer of these endpoints carries a `message` (contract 12.1): what counts is that it can be read.
        let read = |status, headers: &[(&str, &str)], body: &[u8]| {
            let (answer, budget) = classify(status, headers.iter().copied(), body, now_epoch_ms());
            let readable = (200..300).contains(&status) && body.starts_with(b"{");
            match answer {
                Answer::Unknown {
                    why: UnknownWhy::NotBraze,
                } if readable => {
                    let accepted = Answer::Accepted {
                        item_errors: Vec::new(),
                        unassigned: Vec::new(),
                    };
                    (accepted, budget)
                }
                other => (other, budget),
            }
        };
        let (mut call, body) = self.execute(request, MAX_EXPORT_ANSWER_BYTES, read).await;
        if !matches!(call.answer, Answer::Accepted { .. }) {
            return Err(Box::new(call));
        }
        serde_json::from_slice(&body).map_err(|_| {
            call.answer = Answer::Unknown {
                why: UnknownWhy::NotBraze,
            };
            Box::new(call)
        })
    }
}

/// An answer of which nothing is needed.
#[derive(Deserialize)]
pub(super) struct Ignored {}
