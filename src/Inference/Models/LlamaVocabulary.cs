using System.Text;

namespace EdgeAssist.Inference.Models;

/// <summary>
/// Takes the token list out of the llama-tokenizer-js module: base64 in a string literal, one token a line, the line number
/// being the token's id.
/// </summary>
internal static class LlamaVocabulary
{
    private static ReadOnlySpan<byte> Marker => "llama_vocab_base64 = \""u8;

    /// <param name="module">The module's text.</param>
    /// <returns>The tokens in UTF-8, separated by line feeds.</returns>
    /// <exception cref="ModelException">The literal is not where it should be.</exception>
    public static byte[] Extract(ReadOnlySpan<byte> module)
    {
        var at = module.IndexOf(Marker);
        if (at < 0) throw new ModelException("The tokenizer's module does not hold the vocabulary where it is expected.");

        var literal = module[(at + Marker.Length)..];
        var length = literal.IndexOf((byte)'"');
        if (length < 0) throw new ModelException("The vocabulary in the tokenizer's module does not end.");

        try
        {
            return Convert.FromBase64String(Encoding.ASCII.GetString(literal[..length]));
        }
        catch (FormatException e)
        {
            throw new ModelException("The vocabulary in the tokenizer's module is not base64.", e);
        }
    }
}
