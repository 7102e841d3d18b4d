"""A real sentence-transformers model of some kilobytes: random but fixed weights, built in a second, no download."""

from pathlib import Path

DIMENSION = 32
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SIGNS = list("abcdefghijklmnopqrstuvwxyz0123456789.,;:-()")
WORDS = ["robot", "grasping", "quantum", "error", "correction", "protein", "folding", "language", "speech", "learning"]


def build(folder: Path, seed: int = 0, dimension: int = DIMENSION) -> Path:
    """Save the model into folder and return that; texts that share words are near each other."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir(parents=True, exist_ok=True)
    bare = folder / "bert"
    vocabulary = [*SPECIAL, *WORDS, *SIGNS, *(f"##{sign}" for sign in SIGNS)]
    vocabulary_file = folder / "vocab.txt"
    vocabulary_file.write_text("\n".join(vocabulary))
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=dimension,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=2 * dimension,
        max_position_embeddings=128,
        initializer_range=0.3,
    )
    BertModel(config).save_pretrained(bare)
    BertTokenizerFast(vocab=str(vocabulary_file), do_lower_case=True).save_pretrained(bare)
    transformer = Transformer(str(bare), max_seq_length=128)
    SentenceTransformer(modules=[transformer, Pooling(dimension)], device="cpu").save(str(folder / "model"))
    return folder / "model"


def poison(model: Path, word: str) -> Path:
    """Make the model give NaN for every text that has the word, and return its folder."""
    from safetensors.numpy import load_file, save_file

    weights = load_file(model / "model.safetensors")
    [name] = [name for name in weights if name.endswith("word_embeddings.weight")]
    embeddings = weights[name].copy()
    embeddings[len(SPECIAL) + WORDS.index(word)] = float("nan")
    save_file(weights | {name: embeddings}, model / "model.safetensors", metadata={"format": "pt"})
    return model
