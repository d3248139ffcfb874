using System.Text;

namespace EdgeAssist.Inference.Tests.Whisper;

/// <summary>A Whisper file without weights: head, mel filters and vocabulary, as whisper.cpp's own tests use («for-tests-ggml-*»).</summary>
internal static class GgmlStub
{
    public static byte[] Make(int state = 64, int layers = 2, int vocabulary = 51_864)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (var value in new[] { 0x67676D6C, vocabulary, 1500, state, 2, layers, 448, state, 2, layers, 80, 1, 80, 201 }) writer.Write(value);
        for (var i = 0; i < 80 * 201; i++) writer.Write(i % 202 == 0 ? 0.01f : 0f);
        string[] words = [" yes", " no", " "];
        writer.Write(words.Length);
        foreach (var word in words)
        {
            writer.Write(word.Length);
            writer.Write(Encoding.ASCII.GetBytes(word));
        }

        writer.Flush();
        return bytes.ToArray();
    }
}
