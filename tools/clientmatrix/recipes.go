package main

import "time"

// A recipe says how a client of examples/clients is installed and run. Both happen in a copy of its
// folder, with openapi.yaml beside it.
type recipe struct {
	name     string // of its folder in examples/clients, unless folder says otherwise
	folder   string
	library  string     // what it uses, with the version
	source   string     // its source, in its folder
	language string     // of its source, as a fenced block says it; "" if it is too long to show
	needs    []string   // programs that must be there
	install  [][]string // $SOURCE stands for its folder, and $COPY for the copy
	command  []string
	start    time.Duration // --start-timeout, if the command's own does not do
}

// recipes has the clients in the order of the guide's table.
var recipes = []recipe{
	{
		name: "upgrade", folder: "examples/upgrade", library: "gen/, and care; it may be copied", source: "upgrade.go", needs: []string{"go"},
		install: [][]string{{"go", "build", "-C", "$SOURCE", "-o", "$COPY/upgrade", "."}}, command: []string{"./upgrade", "-interval", "100ms"},
	},
	inGo("go-generated", "gen/, which oapi-codegen generates from openapi.yaml"),
	inGo("go-sdk", "the official SDK for Go, huaweicloud-sdk-go-v3 v0.1.207"),
	inGo("go-gophercloud", "gophercloud v2.15.0"),
	inShell("curl", "curl and jq"),
	inShell("curl-retry", "curl with --retry, and jq"),
	inPython("python-sdk", "the official SDK for Python, huaweicloudsdkges 3.1.219"),
	inPython("python-requests", "requests 2.34.2"),
	inPython("python-keystoneauth", "keystoneauth1 5.18.1"),
	inJava("java-sdk", "the official SDK for Java, huaweicloud-sdk-ges 3.1.143"),
	inJava("java-openapi-generator", "what openapi-generator 7.14.0 (java, okhttp-gson) generates from openapi.yaml"),
	inNode("node-sdk", "the core of the official SDK for Node, huaweicloud-sdk-core 3.1.211; there is no package for GES", "upgrade.js", "js"),
	inNode("node-openapi-fetch", "openapi-fetch 0.17.0, with types by openapi-typescript 7.13.0", "upgrade.ts", "ts",
		[]string{"npm", "run", "--silent", "build"}),
}

func inGo(name, library string) recipe {
	return recipe{
		name: name, library: library, source: "main.go", language: "go", needs: []string{"go"},
		install: [][]string{{"go", "build", "-C", "$SOURCE", "-o", "$COPY/upgrade", "."}}, command: []string{"./upgrade"},
	}
}

func inShell(name, library string) recipe {
	return recipe{
		name: name, library: library, source: "upgrade.sh", language: "sh", needs: []string{"curl", "jq"},
		command: []string{"sh", "upgrade.sh"},
	}
}

func inPython(name, library string) recipe {
	return recipe{
		name: name, library: library, source: "upgrade.py", language: "python", needs: []string{"python3"},
		install: [][]string{
			{"python3", "-m", "venv", "venv"},
			{"venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement", "requirements.txt"},
		},
		command: []string{"venv/bin/python", "upgrade.py"},
	}
}

func inJava(name, library string) recipe {
	return recipe{
		name: name, library: library, source: "Upgrade.java", language: "java", needs: []string{"java", "mvn"},
		install: [][]string{{"mvn", "--quiet", "--batch-mode", "process-classes"}},
		command: []string{"java", "-cp", "target/classes:target/dependency/*", "Upgrade"},
		start:   2 * time.Minute,
	}
}

func inNode(name, library, source, language string, more ...[]string) recipe {
	return recipe{
		name: name, library: library, source: source, language: language, needs: []string{"node", "npm"},
		install: append([][]string{{"npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"}}, more...),
		command: []string{"node", "upgrade.js"},
	}
}

// path returns the client's folder in the repository.
func (r *recipe) path() string {
	if r.folder != "" {
		return r.folder
	}
	return "examples/clients/" + r.name
}
