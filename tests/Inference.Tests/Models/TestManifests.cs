using System.Security.Cryptography;
using System.Text;
using EdgeAssist.Inference.Models;

namespace EdgeAssist.Inference.Tests.Models;

internal static class TestManifests
{
    /// <summary>One model, <c>toy</c>, of one file with the hash of <paramref name="content"/>.</summary>
    public static ModelManifest Toy(string file, byte[] content, string address) => ModelManifest.Parse(Encoding.UTF8.GetBytes($$"""
        {
          "version": 1,
          "models": [
            {
              "name": "toy", "kind": "text", "version": "1", "licence": "MIT", "about": "A toy.",
              "files": [ { "name": "{{file}}", "size": {{content.Length}}, "sha256": "{{Convert.ToHexStringLower(SHA256.HashData(content))}}", "https": "{{address}}" } ]
            }
          ]
        }
        """), "the test's manifest");
}
