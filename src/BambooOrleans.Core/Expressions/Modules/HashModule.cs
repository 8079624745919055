using System.Numerics;
using System.Security.Cryptography;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary><c>hashlib</c>: digests of bytes.</summary>
internal static class HashModule
{
    public static PyModule Module { get; } = Build();

    private static PyModule Build()
    {
        PyModule module = ModuleTable.Module("hashlib", ("new", "name, data?, *, usedforsecurity?", (run, arguments) =>
            Make(run, ModuleTable.Text(arguments[0]).ToLowerInvariant(), arguments[1])));
        foreach (string name in new[] { "md5", "sha1", "sha224", "sha256", "sha384", "sha512" })
        {
            module.Members.Add(name, ModuleTable.Function(name, "string?, *, usedforsecurity?", (run, arguments) => Make(run, name, arguments[0])));
        }

        return module;
    }

    private static Digest Make(Run run, string name, object? data)
    {
        var digest = new Digest(name is "md5" or "sha1" or "sha224" or "sha256" or "sha384" or "sha512"
            ? name
            : throw PythonError.Value($"unsupported hash type {name}"));
        if (data is not null)
        {
            digest.Update(run, data);
        }

        return digest;
    }

    private sealed class Digest(string name) : PyObject
    {
        private readonly List<byte> _data = [];

        public override string TypeName => "_hashlib.HASH";

        public override string Repr() => $"<{name} _hashlib.HASH object>";

        public void Update(Run run, object data)
        {
            byte[] bytes = (data as PyBytes)?.Data ?? throw PythonError.Type(data is string
                ? "Strings must be encoded before hashing"
                : "object supporting the buffer API required");
            run.Take(bytes.Length);
            _data.AddRange(bytes);
        }

        public override object? Attribute(string attribute) => attribute switch
        {
            "name" => name,
            "digest_size" => (BigInteger)Compute().Length,
            "block_size" => (BigInteger)(name is "sha384" or "sha512" ? 128 : 64),
            "update" => ModuleTable.Function("update", "data, /", (run, arguments) =>
            {
                Update(run, arguments[0]!);
                return PyNone.Instance;
            }),
            "digest" => ModuleTable.Function("digest", string.Empty, (run, _) => new PyBytes(Counted(run))),
            "hexdigest" => ModuleTable.Function("hexdigest", string.Empty, (run, _) => Convert.ToHexStringLower(Counted(run))),
            "copy" => ModuleTable.Function("copy", string.Empty, (run, _) =>
            {
                var copy = new Digest(name);
                copy.Update(run, new PyBytes([.. _data]));
                return copy;
            }),
            _ => null,
        };

        private byte[] Counted(Run run)
        {
            run.Step(1 + (_data.Count >> 6));
            return Compute();
        }

        // Pipelines fingerprint with MD5 and SHA-1; nothing is protected by them.
#pragma warning disable CA5350, CA5351
        private byte[] Compute() => name switch
        {
            "md5" => MD5.HashData([.. _data]),
            "sha1" => SHA1.HashData([.. _data]),
            "sha256" => SHA256.HashData([.. _data]),
            "sha384" => SHA384.HashData([.. _data]),
            "sha512" => SHA512.HashData([.. _data]),
            _ => throw PythonError.Unsupported(name),
        };
#pragma warning restore CA5350, CA5351
    }
}
