"""Rules and how they are judged: model, expression guard, packs, selection, engine, inline tests."""
