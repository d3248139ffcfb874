using System.IO.Compression;
using EdgeAssist.Inference.Whisper;

namespace EdgeAssist.Inference.Tests.Whisper;

/// <summary>The micro Whisper of training/whisper, and a library that runs it; tests skip with the reason when there is none.</summary>
internal static class MicroWhisper
{
    public static byte[] File { get; } = Unpack();

    public static async Task<WhisperLibrary> LibraryAsync()
    {
        var store = await TestModels.StoreAsync(WhisperLocator.PackagedModel);
        return WhisperLocator.Open(store, "");
    }

    public static async Task<WhisperRecognizer> RecognizerAsync() => new("micro", new WhisperModel(await LibraryAsync(), File, "micro"));

    private static byte[] Unpack()
    {
        using var packed = System.IO.File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", "micro-whisper", "ggml-micro.en.bin.gz"));
        using var gzip = new GZipStream(packed, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return bytes.ToArray();
    }
}
