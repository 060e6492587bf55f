use engage::{
    cards::{Percent, Prize, prizes},
    ids::{CardId, PlayId, WorkspaceId},
    text::LocalText,
    time::Millis,
};
use store::{Store, StoreError, plays, testing::TestDatabase};
use uuid::Uuid;

const STOCK: u32 = 7;

fn turn(play: u128, step: Option<u32>) -> plays::Turn {
    plays::Turn {
        workspace: WorkspaceId::from_uuid(Uuid::from_u128(1)),
        card: CardId::from_uuid(Uuid::from_u128(3)),
        play: PlayId::from_uuid(Uuid::from_u128(play)),
        step,
        starts: true,
        prizes: false,
        now: Millis(5),
        dice: u64::MAX - u64::try_from(play).unwrap(),
    }
}

/// A move of a card that is over after three.
async fn step(
    store: &Store,
    turn: plays::Turn,
) -> Result<Result<plays::Play, &'static str>, StoreError> {
    store
        .write(move |tx| {
            Box::pin(plays::advance(tx, turn, |table| {
                let before: u32 = serde_json::from_str(&table.play.progress).unwrap_or(0);
                Ok(plays::Moved {
                    finished: before == 2,
                    facts: format!("{{\"answer:q{before}\":\"a\"}}"),
                    progress: (before + 1).to_string(),
                    votes: vec![("q".into(), "a".into()), ("q".into(), "a".into())],
                    ..plays::Moved::default()
                })
            }))
        })
        .await
}

#[tokio::test]
async fn a_move_counts_once_however_often_it_is_sent_and_a_play_that_is_over_stays_as_it_is() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        for (step_number, moves) in [
            (0, 1),
            (0, 1),
            (1, 2),
            (0, 2),
            (1, 2),
            (2, 3),
            (2, 3),
            (0, 3),
        ] {
            let play = step(&store, turn(9, Some(step_number)))
                .await
                .unwrap()
                .unwrap();
            assert_eq!((play.moves, play.progress), (moves, moves.to_string()));
            assert_eq!(play.finished, moves == 3);
            assert_eq!(play.seed, u64::MAX - 9, "the same chance for all its moves");
        }
        let again = step(&store, turn(9, None)).await.unwrap().unwrap();
        assert_eq!(again.moves, 3);
        assert!(
            matches!(
                step(&store, turn(10, Some(1))).await,
                Err(StoreError::Conflict(_))
            ),
            "a move whose predecessor never came"
        );
        let card = turn(9, None).card;
        let votes = store
            .read(move |tx| Box::pin(plays::tallies(tx, card)))
            .await
            .unwrap();
        assert_eq!(votes, [("q".to_owned(), "a".to_owned(), 6)]);
    }
}

#[tokio::test]
async fn a_refused_first_move_starts_no_play() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        let refused = store
            .write(|tx| {
                Box::pin(plays::advance(tx, turn(9, Some(0)), |_| {
                    Err("no such option")
                }))
            })
            .await
            .unwrap();
        assert_eq!(refused.unwrap_err(), "no such option");
        let (card, play) = (turn(9, None).card, turn(9, None).play);
        let found = store
            .read(move |tx| Box::pin(plays::find(tx, card, play)))
            .await
            .unwrap();
        assert_eq!(found, None);
        let unstarted = plays::Turn {
            starts: false,
            ..turn(9, Some(0))
        };
        assert!(matches!(
            step(&store, unstarted).await,
            Err(StoreError::Conflict(_))
        ));
    }
}

#[tokio::test]
async fn a_prize_is_never_given_more_often_than_there_are_units_however_many_play_at_once() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        let plays = (0..60_u128).map(|n| {
            let turn = plays::Turn {
                prizes: true,
                ..turn(100 + n, Some(0))
            };
            let store = store.clone();
            async move {
                let first = play_for_coffee(&store, turn).await;
                // Sent again, as after a lost answer: the same outcome.
                assert_eq!(play_for_coffee(&store, turn).await, first);
                first
            }
        });
        let outcomes = futures_util::future::join_all(plays).await;
        let winners = outcomes
            .iter()
            .filter(|facts| facts.contains("true"))
            .count();
        assert_eq!(winners, STOCK as usize);
    }
}

/// Plays for one of a few coffees; answers what the play tells.
async fn play_for_coffee(store: &Store, turn: plays::Turn) -> String {
    let moved = store.write(move |tx| {
        Box::pin(plays::advance(tx, turn, |table| {
            let prize = Prize {
                key: "coffee".into(),
                name: "A coffee".into(),
                stock: STOCK,
                chance: Percent::of_millionths(prizes::WHOLE),
                image: None,
                message: LocalText::default(),
            };
            let seed = table.play.seed;
            let won = prizes::draw(std::slice::from_ref(&prize), 1, seed, &table.stock);
            let award = won.map(|prize| prize.key.clone());
            Ok::<_, ()>(plays::Moved {
                finished: true,
                facts: format!("{{\"won\":{}}}", award.is_some()),
                progress: "null".into(),
                award,
                ..plays::Moved::default()
            })
        }))
    });
    moved.await.unwrap().unwrap().facts
}
