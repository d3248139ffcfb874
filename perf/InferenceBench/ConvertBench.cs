using System.Diagnostics;
using System.Security.Cryptography;
using EdgeAssist.Inference.Models.Conversion;

namespace EdgeAssist.InferenceBench;

/// <summary>What does the conversion of the packaged graphs give? Prints what the manifest pins.</summary>
internal static class ConvertBench
{
    private static readonly (string, string, Func<ReadOnlyMemory<byte>, byte[]>)[] Conversions =
    [
        ("encoder_model.onnx", "encode.onnx", MoonshineEncoder.Convert),
        ("decoder_model_merged.onnx", "decode_first.onnx", MoonshineDecoder.FirstStep),
        ("decoder_model_merged.onnx", "decode_later.onnx", MoonshineDecoder.LaterSteps),
        ("silero_vad.onnx", "silero_vad_16k.onnx", SileroGraph.Wideband),
    ];

    public static int Run(string packaged, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (source, name, convert) in Conversions.Where(conversion => File.Exists(Path.Combine(packaged, conversion.Item1))))
        {
            var begun = Stopwatch.GetTimestamp();
            var result = convert(File.ReadAllBytes(Path.Combine(packaged, source)));
            File.WriteAllBytes(Path.Combine(folder, name), result);
            Console.WriteLine($"{name}: {result.Length} octets, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(result))}, {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:0} ms");
        }

        return 0;
    }
}
