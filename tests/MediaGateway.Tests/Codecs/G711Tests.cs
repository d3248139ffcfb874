using System.Buffers.Binary;
using System.Diagnostics;
using EdgeAssist.MediaGateway.Codecs;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Codecs;

public sealed class G711Tests
{
    [Fact]   // ITU-T G.711 table 2a/2b
    public void Mu_law_has_the_values_of_the_recommendation()
    {
        for (var code = 0; code < 256; code++) Assert.Equal(MuLawByTheBook((byte)code), G711.DecodeMuLaw((byte)code));
        Assert.Equal(-32_124, G711.DecodeMuLaw(0x00));
        Assert.Equal(32_124, G711.DecodeMuLaw(0x80));
        Assert.Equal(0, G711.DecodeMuLaw(G711.MuLawSilence));
    }

    [Fact]   // ITU-T G.711 table 1a/1b
    public void A_law_has_the_values_of_the_recommendation()
    {
        for (var code = 0; code < 256; code++) Assert.Equal(ALawByTheBook((byte)code), G711.DecodeALaw((byte)code));
        Assert.Equal(32_256, G711.DecodeALaw(0xAA));
        Assert.Equal(8, G711.DecodeALaw(G711.ALawSilence));
    }

    [Fact]   // decision values of ITU-T G.711 table 2a/2b, on the 16-bit scale
    public void Every_sample_is_encoded_to_the_mu_law_interval_it_lies_in()
    {
        for (var sample = (int)short.MinValue; sample <= short.MaxValue; sample++)
        {
            var bits = ~G711.EncodeMuLaw((short)sample) & 0xFF;
            var magnitude = Math.Abs(sample);

            Assert.Equal(sample < 0, bits >= 128);
            Assert.True(MuLawEdge(bits & 0x7F) <= magnitude && ((bits & 0x7F) == 127 || magnitude < MuLawEdge((bits & 0x7F) + 1)), $"{sample} became {bits:X2}.");
        }

        static int MuLawEdge(int interval) => 4 * ((1 << (interval / 16)) * (2 * (interval % 16) + 32) - 33);
    }

    [Fact]   // decision values of ITU-T G.711 table 1a/1b, on the 16-bit scale
    public void Every_sample_is_encoded_to_the_A_law_interval_it_lies_in()
    {
        for (var sample = (int)short.MinValue; sample <= short.MaxValue; sample++)
        {
            var bits = G711.EncodeALaw((short)sample) ^ 0x55;
            var magnitude = sample < 0 ? -1 - sample : sample;

            Assert.Equal(sample >= 0, bits >= 128);
            Assert.True(ALawEdge(bits & 0x7F) <= magnitude && ((bits & 0x7F) == 127 || magnitude < ALawEdge((bits & 0x7F) + 1)), $"{sample} became {bits:X2}.");
        }

        static int ALawEdge(int interval) => 8 * (interval < 16 ? 2 * interval : (1 << (interval / 16 - 1)) * (2 * (interval % 16) + 32));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_code_survives_decoding_and_encoding(bool aLaw)
    {
        for (var code = 0; code < 256; code++)
        {
            var value = Decode((byte)code, aLaw);
            var back = aLaw ? G711.EncodeALaw(value) : G711.EncodeMuLaw(value);
            if (value != 0) Assert.Equal(code, back);   // µ-law has two zeros
            else Assert.Equal(0, G711.DecodeMuLaw(back));
        }
    }

    [Theory]
    [InlineData("u-law", false)]
    [InlineData("a-law", true)]
    public void Decoding_agrees_with_sox(string encoding, bool aLaw)
    {
        var codes = Enumerable.Range(0, 256).Select(code => (byte)code).ToArray();

        var decoded = Sox(codes, encoding);

        for (var code = 0; code < 256; code++)
            Assert.Equal(BinaryPrimitives.ReadInt16LittleEndian(decoded.AsSpan(2 * code)), Decode((byte)code, aLaw));
    }

    private static short Decode(byte code, bool aLaw) => aLaw ? G711.DecodeALaw(code) : G711.DecodeMuLaw(code);

    /// <summary>The recommendation's formula on its 14-bit scale: decision values y = (2·step + 33)·2^segment − 33.</summary>
    private static int MuLawByTheBook(byte code)
    {
        var inverted = 255 - code;
        var segment = inverted / 16 % 8;
        var step = inverted % 16;
        var value = (2 * step + 33) * (int)Math.Pow(2, segment) - 33;
        return 4 * (inverted >= 128 ? -value : value);
    }

    /// <summary>On its 13-bit scale: y = 2·step + 1 in the first segment, (2·step + 33)·2^(segment − 1) in the others.</summary>
    private static int ALawByTheBook(byte code)
    {
        var bits = code ^ 0b0101_0101;
        var segment = bits / 16 % 8;
        var step = bits % 16;
        var value = segment == 0 ? 2 * step + 1 : (2 * step + 33) * (int)Math.Pow(2, segment - 1);
        return 8 * (bits >= 128 ? value : -value);
    }

    private static byte[] Sox(byte[] encoded, string encoding)
    {
        var start = new ProcessStartInfo("sox", $"-t raw -r 8000 -c 1 -e {encoding} -b 8 - -t raw -e signed -b 16 -L -")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        try
        {
            using var sox = Process.Start(start)!;
            sox.StandardInput.BaseStream.Write(encoded);
            sox.StandardInput.Close();
            using var output = new MemoryStream();
            sox.StandardOutput.BaseStream.CopyTo(output);
            Assert.True(sox.WaitForExit(5_000) && sox.ExitCode == 0, "sox decodes 256 octets.");
            return output.ToArray();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("sox is not installed.");
            throw new UnreachableException();
        }
    }
}
