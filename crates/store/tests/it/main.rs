//! What storage promises, tried on both databases.


mod accept;
mod schema;
mod seam;
